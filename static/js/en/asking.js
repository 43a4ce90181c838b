// English: what is asked before something is done to one task. Keys are the same as in ru/asking.js; a test
// compares.
export default {
  "retry.title": "Retry this task?",
  "retry.text": {
    one: "It gets {count} attempt anew, under the same id. The first goes at once.",
    other: "It gets {count} attempts anew, under the same id. The first goes at once.",
  },
  "retry.text.delivered": "The recipient has confirmed this task already: it will get it again.",
  "retry.text.cancelled": "The task was cancelled: it will be sent after all.",
  "retry.confirm": "Retry",
  "retry.done": "The task is queued again",
  "hurry.title": "Send now?",
  "hurry.text": "The next attempt becomes due at once. Nothing is granted anew: it uses one of the attempts left.",
  "hurry.confirm": "Send now",
  "hurry.done": "The next attempt is due now",
  "cancel.title": "Cancel this task?",
  "cancel.text": "No further attempt will be made. The task stays in the list; a retry can send it later.",
  "cancel.text.sending":
    "An attempt is under way. If it brings 2xx, the task ends as delivered, else as cancelled.",
  "cancel.confirm": "Cancel the task",
  "cancel.done": "The task is cancelled",
  "cancel.noted": "Noted: the attempt under way may still deliver it",
  "resend.title": "Resend as a new task?",
  "resend.text": "A new task with a new id is made of this one, and sent at once.",
  "resend.confirm": "Resend",
  "resend.done": "The copy is queued",
  "delete.title": "Delete this task?",
  "delete.text": "Payload, headers and answers are erased at once, for good. A line about it stays for a while.",
  "delete.confirm": "Delete the task",
  "delete.done": "The task is erased",
};
