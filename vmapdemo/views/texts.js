/** Draws blocks of lines, tables and folded blocks from `data`. */
const lineOf = (tag, text) => make(tag, {}, ...words(text))

function tableOf({ columns, rows, numbers }) {
  const head = make("tr", {}, ...columns.map((text) => Object.assign(lineOf("th", text), { scope: "col" })))
  const body = rows.map((row) => make("tr", {}, ...row.map((text) => lineOf("td", text))))
  return make("div", { className: "scroll" }, make("table", { className: numbers ? "numbers" : "" }, make("thead", {}, head), make("tbody", {}, ...body)))
}

function blockOf(block) {
  if (block.heading) return lineOf("h2", block.heading)
  if (block.columns) return tableOf(block)
  if (block.verbatim) return make("pre", { textContent: block.verbatim })
  if (block.blocks) return make("details", {}, lineOf("summary", block.title), ...block.blocks.map(blockOf))
  return make("div", { className: `lines ${block.kind}` }, ...block.lines.map((line) => lineOf("p", line)))
}

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".root")
  const drawn = JSON.stringify(data.blocks)
  if (root.drawn === drawn) return
  root.drawn = drawn
  const open = new Set([...root.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent))
  root.replaceChildren(...data.blocks.map(blockOf))
  root.querySelectorAll("details").forEach((details) => { details.open = open.has(details.firstChild.textContent) })
}
