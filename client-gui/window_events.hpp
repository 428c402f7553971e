// Qt's events in our words.
#pragma once

#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QMimeData>
#include <string>
#include <vector>

#include "client-gui/input.hpp"

namespace connectsphere::gui {

Key key_of(const QKeyEvent& event);
// What an input method has made: what is typed now, then what it still composes.
std::vector<Key> keys_of(const QInputMethodEvent& event);
std::vector<std::string> files_of(const QMimeData* data);

}  // namespace connectsphere::gui
