// Signing in with a personal key.
import { byId, showProblem } from "./dom.js";

byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  showProblem(null);
  try {
    const answer = await fetch("/sign-in", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key: byId("key").value }) });
    if (answer.ok) { location.assign("/"); return; }
    const problem = await answer.json();
    showProblem(new Error(problem.detail));
  } catch {
    showProblem(new Error("The service cannot be reached; try again."));
  }
  byId("key").select();
});
