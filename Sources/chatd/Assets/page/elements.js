// The elements of the page.

const [
  state, toggle, trouble, scroller, older, empty, list, unsentList, latest, form, input, problem, announced,
  announcement, nameInput, nameProblem,
] = [
  "state", "toggle", "trouble", "scroller", "older", "empty", "messages", "unsent", "latest", "form", "input",
  "problem", "announcer", "announcement", "name", "name-problem",
].map((id) => document.getElementById(id));

if (typeof io === "undefined") {
  state.dataset.state = "disconnected";
  state.textContent = "The client could not be loaded. Reload the page.";
  throw new Error("socket.io.min.js is missing");
}
