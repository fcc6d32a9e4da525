"""Scripts that live in the DAWs, and how they get there. Each is one file or folder and needs only its host.

The scripts speak to `roomtone bridge` over OSC or the mailbox; nothing in them imports Roomtone.
"""
