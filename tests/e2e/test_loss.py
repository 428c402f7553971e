#!/usr/bin/env python3
"""The same call where the network loses 5 % each way, and where all three share one address."""
import unittest

from harness import Detour, Server, TestCase

CALL_SECONDS = 11
FRAME_RATE = 15
VIDEO = ("pattern", "--video-size", "320x240")


class Loss(TestCase):
    def test_three_people_behind_one_address_with_5_percent_loss(self):
        with Server() as server, Detour(server) as detour:
            detour.bad_udp("--loss", "0.05", "--delay", "5ms", "--jitter", "10ms")
            clients = [server.client(name, voice=voice, record=True, video_in=VIDEO, keep=True, stay=CALL_SECONDS,
                                     to=detour.ADDRESS) for name, voice in zip(self.NAMES, self.VOICES)]
            for client in clients:
                client.wait_for_people(self.NAMES)
            self.assertEqual(len({client.session for client in clients}), 3)
            summaries = {client: client.finish() for client in clients}
            self.assert_hears_the_others(clients)
            for client in clients:
                self.assertGreater(summaries[client]["audio"]["lost"], 0, "the proxy lost nothing")
                for other in clients:
                    if other is not client:
                        self.assert_pictures_arrive(client, other.name, least=FRAME_RATE * CALL_SECONDS // 2)


if __name__ == "__main__":
    unittest.main()
