"""The configuration: config.toml and the environment become frozen settings, with all faults reported together.

`settings` what there is and its defaults · `kinds` what a value may be · `given` where values come from · `loading`
reads them · `parameters` the catalogue that operators see, worded in `descriptions`.
"""
