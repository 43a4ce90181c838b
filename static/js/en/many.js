// What is said before many tasks are touched or exported.
export default {
  "export.title": "Export the tasks of this filter",
  "plan.text_retry": "Ended ones get their attempts anew, under the same id; waiting ones are sent at once.",
  "plan.text_cancel": "No further attempt will be made. An attempt under way may still deliver its task.",
  "plan.text_delete": "Payload, headers and stored answers are erased at once, for good.",
  "plan.nothing": "There is nothing to do: none of these tasks has a status that allows it.",
  "plan.count": "Tasks",
  "plan.skipped": "Passed over",
  "plan.title": "{what}?",
  "plan.skipped_text": "{count}: their status does not allow it",
  "plan.sample": "Some of them",
  "plan.type": "To confirm, type the number {count}",
};
