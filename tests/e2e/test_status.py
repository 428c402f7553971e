#!/usr/bin/env python3
"""What the status port says of the server, and what the planes say that are not there yet."""
import unittest

from harness import SERVICES, Server, TestCase, until

METRICS = ("connectsphere_service_up", "connectsphere_service_ready", "connectsphere_gateway_connections",
           "connectsphere_audio_participants", "connectsphere_video_receivers")


class Status(TestCase):
    def test_readiness_follows_the_services(self):
        first = [service for service in SERVICES if service != "audio-mixer"]
        with Server(services=first) as server:
            until(lambda: server.get("/healthz")[0] == 200, "status lives")
            until(lambda: self.not_ready(server) == ["audio-mixer"], "only the mixer is missed")
            server.start("audio-mixer")
            server.wait_ready()
            server.kill("video-relay")
            until(lambda: self.not_ready(server) == ["video-relay"], "the relay is missed")
            self.assertEqual(server.get("/healthz")[0], 200)
            self.assertIn("video-relay", server.get("/readyz")[1])
            server.start("video-relay")
            server.wait_ready()

    @staticmethod
    def not_ready(server):
        code, _ = server.get("/readyz")
        services = server.status().get("services", [])
        return [s["name"] for s in services if not s["ready"]] if code == 503 else []

    def test_status_lists_rooms_and_people_and_metrics_parse(self):
        with Server() as server:
            people = {"lobby": ["ann", "ben"], "küche 🍳": ["cleo"]}
            clients = [server.client(name, room=room) for room, names in people.items() for name in names]
            for client in clients:
                client.wait_for("joined")
            rooms = until(lambda: self.rooms_of(server) == people and server.status().get("rooms"), "every room is listed")
            self.assertEqual({p["role"] for room in rooms for p in room["participants"]}, {"host", "participant"})
            until(lambda: server.metric("connectsphere_gateway_connections") == 3, "three connections are counted")
            metrics = server.metrics()
            for name in METRICS:
                self.assertTrue(any(key.startswith(name) for key in metrics), name)
            self.assertEqual(server.metric("connectsphere_service_up"), len(SERVICES))
            self.assertIn("<html", server.get("/")[1])
            self.assertEqual(server.get("/nothing")[0], 404)
            for client in clients:
                client.leave()
            until(lambda: self.rooms_of(server) == {}, "empty rooms go")

    @staticmethod
    def rooms_of(server):
        return {room["name"]: sorted(p["name"] for p in room["participants"]) for room in server.status().get("rooms", [])}

if __name__ == "__main__":
    unittest.main()
