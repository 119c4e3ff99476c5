// Where the page asks: a server on this machine, or the data that a report has in itself.

const embedded = document.getElementById("data");
const answers = embedded ? JSON.parse(embedded.textContent) : null;

/** Whether the page changes: a report never does. */
export const live = answers === null;

/** Answers a question of the server's: ask("details", id). Fails with the reason. */
export async function ask(question, ...names) {
  if (!live) {
    const answer = answers[`${question}\n${names.join("\n")}`];
    if (answer === undefined) {
      throw new Error("the report does not have this");
    }
    return answer;
  }
  const query = names.map((name) => `a=${encodeURIComponent(name)}`).join("&");
  const response = await fetch(`api/${question}${query ? `?${query}` : ""}`);
  if (!response.ok) {
    throw new Error(await response.text());
  }
  return response.json();
}

/** Where an image is. */
export function imageUrl(id, set, name, stamp) {
  if (!live) {
    return answers[`image\n${id}\n${set}\n${name}`] || "data:,";
  }
  const query = [id, set, name].map((part) => `a=${encodeURIComponent(part)}`).join("&");
  return `image?${query}&v=${encodeURIComponent(stamp || "")}`;
}
