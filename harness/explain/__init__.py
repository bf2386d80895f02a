"""The story of a break: from a run's tables alone, in plain sentences and as the steps of a sequence diagram.

`stories` tells all or some of a run's breaks, or those of a key. `evidence` is what the tables know of some keys, and
`story` the pure functions that make a story of it; `commits`, `whereabouts`, `parting`, `amounts`, `safeguards` and
`steps` are its parts, and `life` is the story of a contract that has no break.
"""

from harness.explain.stories import explained, stories_of_breaks, told

__all__ = ["explained", "stories_of_breaks", "told"]
