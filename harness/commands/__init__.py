"""The commands of `tieout`, a module each, which is imported when its command is asked for.

`options` is what run and compare are both told, `conclusion` what both end with. A command returns its exit status.
"""
