// Calls to the service. Errors arrive as problem+json and leave as Error with a sentence for the coder.
let csrf = null;

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || "The service did not answer as expected.");
    this.status = status;
    this.code = problem.code || "unknown";
  }
}

export async function call(method, path, { json, body, type, headers = {} } = {}) {
  const options = { method, headers: { Accept: "application/json", ...headers }, credentials: "same-origin" };
  if (csrf && method !== "GET") options.headers["X-CSRF-Token"] = csrf;
  if (json !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(json);
  } else if (body !== undefined) {
    options.headers["Content-Type"] = type;
    options.body = body;
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused(0, { detail: "The service cannot be reached. The note is still here; try again.", code: "unreachable" });
  }
  if (answer.status === 401) {
    location.assign("/sign-in");
    throw new Refused(401, { detail: "Please sign in again.", code: "signed_out" });
  }
  if (answer.status === 204) return null;
  const problem = !answer.ok;
  let read = {};
  try { read = await answer.json(); } catch { /* not JSON: a proxy's page */ }
  if (problem) throw new Refused(answer.status, read);
  return read;
}

export async function whoAmI() {
  const me = await call("GET", "/v1/me");
  csrf = me.csrf;
  return me;
}
