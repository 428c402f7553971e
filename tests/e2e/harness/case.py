"""The test case that all tests with processes are."""
import unittest

from .recordings import pictures_of, voices_heard


class TestCase(unittest.TestCase):
    """A test with the voices of tests/data."""

    VOICES = ("voice_jfk.wav", "voice_reader1.wav", "voice_reader2.wav")
    NAMES = ("ann", "ben", "cleo")
    # A voice that is present scores at least 0.3, an absent one below 0.1 (lib/media/audio_match.hpp).

    def assert_hears_the_others(self, clients):
        """Each of three clients heard the two others' voices, and not its own."""
        for client, own in zip(clients, self.VOICES):
            for voice, match in voices_heard(client, self.VOICES).items():
                with self.subTest(listener=client.name, voice=voice):
                    self.assertEqual(match["present"], voice != own, match)

    def assert_pictures_arrive(self, viewer, sender, least, share=0.9):
        """What `viewer` kept of the test pattern of `sender`: whole pictures, in order, at least `least`, and at least
        this share of those between the first and the last: pictures are numbered, and people do not come and leave in
        the same moment."""
        with self.subTest(viewer=viewer.name, sender=sender):
            seen = pictures_of(viewer, sender)
            self.assertGreaterEqual(seen["files"], least)
            self.assertEqual((seen["undecodable"], seen["marked"], seen["tags"]), (0, seen["files"], 1))
            self.assertTrue(seen["in_order"])
            self.assertGreaterEqual(seen["files"], share * (seen["last"] - seen["first"] + 1))
            return seen
