"use strict";
// Shows the OpenAPI document of this server: every route with its scope, parameters, body and answers.
const methods = ["get", "post", "put", "patch", "delete"];

// Everything from the document goes in as text, never as markup.
function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function schemaText(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.type === "array") return `[${schemaText(schema.items)}]`;
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type;
  return type || JSON.stringify(schema);
}

function bodyText(content) {
  return Object.entries(content || {})
    .map(([media, { schema }]) => `${media}: ${schemaText(schema)}`)
    .join("; ");
}

function table(head, rows) {
  const made = element("table");
  for (const [cells, kind] of [[head, "th"], ...rows.map((row) => [row, "td"])]) {
    const line = element("tr");
    cells.forEach((cell) => line.append(element(kind, cell)));
    made.append(line);
  }
  return made;
}

function route(path, method, operation) {
  const box = element("details");
  const summary = element("summary");
  summary.append(element("span", method.toUpperCase(), "method"), element("code", path));
  const scopes = (operation.security || []).flatMap((requirement) => Object.values(requirement).flat());
  for (const scope of scopes.length ? scopes : ["none"]) summary.append(element("span", scope, "scope"));
  box.append(summary);
  for (const text of [operation.summary, operation.description]) if (text) box.append(element("p", text));
  if (operation.parameters?.length) {
    const rows = operation.parameters.map((p) => [p.name, p.in, schemaText(p.schema), p.description || ""]);
    box.append(table(["parameter", "in", "type", "meaning"], rows));
  }
  if (operation.requestBody) box.append(element("p", `Body: ${bodyText(operation.requestBody.content)}`));
  const answers = Object.entries(operation.responses || {});
  box.append(table(["status", "meaning", "body"], answers.map(([s, a]) => [s, a.description, bodyText(a.content)])));
  box.dataset.words = `${method} ${path} ${operation.summary || ""} ${operation.description || ""}`.toLowerCase();
  return box;
}

async function show() {
  const answer = await fetch("/openapi.json");
  const api = await answer.json();
  document.getElementById("title").textContent = `${api.info.title} ${api.info.version}`;
  const routes = Object.entries(api.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => route(path, method, item[method])));
  document.getElementById("routes").replaceChildren(...routes);
  for (const [name, schema] of Object.entries(api.components?.schemas || {})) {
    const box = element("details");
    box.append(element("summary", name), element("pre", JSON.stringify(schema, null, 2)));
    document.getElementById("schemas").append(box);
  }
  document.getElementById("filter").addEventListener("input", ({ target }) => {
    const wanted = target.value.toLowerCase();
    routes.forEach((box) => { box.hidden = !box.dataset.words.includes(wanted); });
  });
}

show().catch((error) => {
  document.getElementById("routes").textContent = `The document cannot be shown: ${error.message}`;
});
