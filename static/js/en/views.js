// English: the menu of views. Keys are the same as in ru/views.js; a test compares.
export default {
  "views.failed_today": "Failed today",
  "views.held": "Held",
  "views.oldest_due": "Oldest due",
  "views.save_title": "Keep this filter as a view",
  "views.name": "Name",
  "views.keep": "Keep",
  "views.remove": "Remove the view {name}",
};
