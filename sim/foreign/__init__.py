"""Code that was not written for us, run in virtual time and unchanged.

`loop` is an asyncio event loop whose clock is ours; `blocking` runs code that waits in place, each piece on a stack of
its own; both reach the `internet`, where host names lead to whoever plays them, and none other. `guard` puts all of
that in place of the machine's own clock, sockets and chance while a run lasts, and refuses what cannot be replaced.
"""
