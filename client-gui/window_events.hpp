// Qt's events in our words.
#pragma once

#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QMimeData>
#include <optional>
#include <string>
#include <vector>

#include "client-gui/input.hpp"

namespace connectsphere::gui {

Key key_of(const QKeyEvent& event);
std::optional<Key> key_of(const QInputMethodEvent& event);  // nothing: still composing
std::vector<std::string> files_of(const QMimeData* data);

}  // namespace connectsphere::gui
