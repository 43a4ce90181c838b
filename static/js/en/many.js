// What is said before many tasks are touched or exported.
export default {
  "export.title": "Export the tasks of this filter",
  "plan.text_retry":
    "Ended ones get their attempts anew, under the same id; the recipient gets delivered ones again. Waiting ones " +
    "are sent at once.",
  "plan.text_cancel": "No further attempt will be made. An attempt under way may still deliver its task.",
  "plan.text_delete": "Payload, headers and stored answers are erased at once, for good.",
  "plan.text_edit":
    "Further attempts go to the new URL. Ended tasks have to be retried after that. Tasks whose URL begins " +
    "otherwise are passed over.",
  "plan.text_resend": "The tasks themselves stay as they are: copies of them are sent, with new ids.",
  "plan.title_retry": "Retry tasks",
  "plan.title_cancel": "Cancel tasks",
  "plan.title_delete": "Delete tasks",
  "plan.title_resend": "Resend tasks as new",
  "plan.title_edit": "Change the URL of tasks",
  "plan.from": "The URL begins with",
  "plan.from_help": "Whole hosts and whole parts of paths are compared",
  "plan.to": "New beginning",
  "plan.to_help": "Such as https://new.example.com/v2",
  "plan.rate": "Tasks a second, at most",
  "plan.rate_help": "Empty: as fast as it goes",
  "plan.make": "Show what would change",
  "plan.not_rebased": "passed over: its URL begins otherwise",
  "plan.nothing": "There is nothing to do: none of these tasks has a status that allows it.",
  "plan.count": "Tasks",
  "plan.skipped": "Passed over",
  "plan.title": "{what}?",
  "plan.skipped_text": "{count}: their status does not allow it",
  "plan.sample": "Some of them",
  "plan.type": "To confirm, type the number {count}",
};
