"""The commands of `tieout`, a module each, which is imported when its command is asked for.

`options` is what run and compare are both told, `baselines` what they are held against, `conclusion` what both end
with, `outputs` what CI reads of it. A command returns its exit status.
"""
