// What the reference lists say.
export default {
  "methods.url_by_task": "given by the task",
  "methods.unsigned": "no",
  "methods.secrets": { one: "{count} secret", other: "{count} secrets" },
  "methods.of_service": "as the service",
  "methods.builtin": "built-in",
  "methods.foot": "A method is a named way to notify. Define more in config.toml, [methods.NAME].",
  "lifecycle.title": "Life of a task",
  "lifecycle.label":
    "Life of a task: queued, sending, then delivered, retrying or failed; queued and retrying tasks can be " +
    "cancelled; failed, cancelled and delivered ones can be retried",
  "lifecycle.accepted": "accepted",
  "lifecycle.success": "2xx",
  "lifecycle.no_success": "not 2xx",
  "lifecycle.due": "due",
  "lifecycle.given_up": "attempts spent, expired",
  "lifecycle.cancel": "cancel",
  "lifecycle.cancel_retrying": "cancel",
  "lifecycle.retry": "retry by an operator: same id, attempts granted anew",
  "parameters.search": "Name, value or purpose",
  "parameters.all": "All {count}",
  "parameters.changed": "Changed {count}",
  "parameters.sections": "Sections of parameters",
  "parameters.no_match": "No parameter matches",
  "parameters.hidden": "hidden",
  "parameters.foot":
    "Read at start. To change one, edit config.toml or the environment and restart; the queue is kept.",
  "methods.new_task": "New task with it",
  "parameters.copy_toml": "Copy as TOML",
};
