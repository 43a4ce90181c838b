// English: the words of the list of destinations. Keys are the same as in ru/destinations.js; a test compares.
export default {
  "destinations.states": "States",
  "destinations.search": "Host or part of it",
  "destinations.order": "Trouble first, then where most waits.",
  "destinations.no_match": "No destination matches",
  "destinations.none_yet": "No destination yet",
  "destinations.none_yet_text": "A destination appears with its first task.",
  "destinations.foot": { one: "{count} destination.", other: "{count} destinations." },
  "destinations.foot_first": { one: "The first {count} is shown.", other: "The first {count} are shown." },
  "destinations.nothing_lost": "A paused or held one loses nothing: its tasks wait, and no attempt is used up.",
};
