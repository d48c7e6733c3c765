/**
 * Draws the lines of a function beside its two programs: that of one example and that of the whole batch.
 *
 * What is pointed at lights what belongs to it: a line its operations, an operation its line and what it reads.
 */
const HINT = "Point at a line or at an operation to see what belongs together, or walk with the arrow keys; click or Enter keeps it."

/** `f32[«4»,3]`: the sizes of an array, in the whole batch with the batch axis marked. */
function typeOf(array, batched) {
  const sizes = batched ? array.sizes : array.shape.map((size) => ({ size, batch: false }))
  const parts = sizes.flatMap(({ size, batch }, place) => {
    const text = batch ? make("b", { className: "batch", textContent: `«${size}»` }) : String(size)
    if (batch) text.dataset.batch = size
    return place ? [",", text] : [text]
  })
  return make("span", { className: "type" }, `${array.type}[`, ...parts, "]")
}

/** `c:f32[«4»] = dot_general a y`, which may be broken between its words only. */
function programLine(row, names, line, batched) {
  const made = row.outputs.flatMap((array, place) => [`${names[place]}:`, typeOf(array, batched), " "])
  return make("code", {}, ...made, made.length ? "= " : "", make("span", { className: "primitive", textContent: line.primitive }), ` ${line.operands.join(" ")}`)
}

function cellsOf(row, round) {
  const names = round ? round.outputs : row.outputs.map((array) => array.name)
  const { example_line, batched_line } = round ?? row
  const batched = make("td", {}, batched_line ? programLine(row, names, batched_line, true) : "")
  const example = make("td", {}, programLine(row, names, example_line, false))
  example.style.setProperty("--depth", row.depth)
  if (round) return [example, batched]
  if (row.became) batched.append(make("div", { className: "became", textContent: row.became }))
  if (row.became.includes("→") && row.note) batched.append(make("div", { className: "note" }, ...words(row.note)))
  if (row.shares) batched.append(make("div", { className: "shares" }, ...words(row.shares)))
  if (row.once) batched.append(make("div", { className: "once", textContent: row.once }))
  return [example, batched]
}

function operationRow(row, round, number) {
  const repeated = row.times > 1 ? " repeated" : ""
  const tr = make("tr", { className: `operation${row.shared ? " shared" : ""}${repeated}`, tabIndex: -1 }, ...cellsOf(row, round))
  tr.dataset.operation = row.id
  if (round) tr.dataset.round = number
  return tr
}

const wide = (className, depth, ...children) => {
  const td = make("td", { colSpan: 2 }, ...children)
  td.style.setProperty("--depth", depth)
  return make("tr", { className }, td)
}

const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`

/** The heading of a repeated block; while it is unfolded all rounds are listed, or as many as there are in the data. */
function foldRow(rows, isOpen, toggle) {
  const text = `${counted(rows.length, "line")}, ${rows[0].times} times`
  const button = make("button", { type: "button", textContent: `${isOpen ? "▾" : "▸"} ${text}` })
  button.setAttribute("aria-expanded", String(isOpen))
  button.dataset.fold = rows[0].block
  button.addEventListener("click", toggle)
  return wide("fold", rows[0].depth, button)
}

function unfoldedRows(rows) {
  const { rounds, times } = rows[0]
  const listed = rounds.flatMap((_, at) => rows.map((row) => operationRow(row, row.rounds[at], at + 2)))
  const left = times - rounds.length - 1
  return left ? [...listed, wide("rest", rows[0].depth, `and ${left} more times`)] : listed
}

/** The rows inside `parent`, with headings over repeats and over what stands in a branch, a body or a function. */
function bodyOf(rows, open, toggle, parent = { id: null, within: [] }) {
  const own = rows.filter((row) => row.parent === parent.id)
  const body = []
  let within = ""
  own.forEach((row) => {
    const block = row.times > 1 ? own.filter((other) => other.block === row.block) : []
    const inside = row.within.slice(parent.within.length).join(", ")
    if (inside && inside !== within) body.push(wide("within", row.depth, `in ${inside}`))
    within = inside
    if (row === block[0]) body.push(foldRow(block, open.has(row.block), () => toggle(row.block)))
    body.push(operationRow(row), ...bodyOf(rows, open, toggle, row))
    if (row === block.at(-1) && open.has(row.block)) body.push(...unfoldedRows(block))
  })
  return body
}

function resultRow(array) {
  const cells = [false, true].map((batched) => make("td", {}, make("code", {}, `return ${array.name}:`, typeOf(array, batched))))
  cells[1].append(make("div", { className: "became", textContent: array.where }))
  const tr = make("tr", { className: "result" }, ...cells)
  tr.dataset.result = array.name
  return tr
}

function argumentItem(array, passed) {
  const call = array.name === passed ? [] : [` = ${passed}`]
  const item = make("li", {}, make("code", {}, make("b", { textContent: array.name }), ...call, " ", typeOf(array, true)), ` ${array.where}`)
  item.dataset.argument = array.name
  return item
}

/** A browser would break a line between the two characters of an arrow. */
const unbroken = (text) => text.split(/(->)/).map((part, index) => (index % 2 ? make("span", { className: "arrow", textContent: part }) : part))

function sourceLine(line, rows) {
  const own = rows.filter((row) => row.line === line.number)
  const item = make("li", { className: own.length ? "live" : "" }, make("span", { className: "number", textContent: line.number }), make("code", {}, ...unbroken(line.text || " ")))
  item.dataset.line = line.number
  if (own.length) item.tabIndex = -1
  return item
}

const program = (label, texts, flops) =>
  make("div", { className: "text" }, make("span", { textContent: flops ? `${label}, ${flops}` : label }), ...texts.map((text) => make("code", { textContent: text })))

function operationTold(row, round) {
  const { example, batched } = round ?? row
  const said = [make("p", {}, make("code", { textContent: row.primitive }), `: ${row.description}`)]
  if (row.once) said.push(make("p", { className: "once", textContent: `${row.once}${row.saved ? `, which saves ${row.saved}` : ""}.` }))
  if (row.note) said.push(make("p", {}, ...words(row.note)))
  return [...said, program("one example", [example], row.flops), program("whole batch", batched, row.batched_flops)]
}

function lineTold(rows, number) {
  const sentences = new Map(rows.map((row) => [row.primitive, row.description]))
  const told = [...sentences].map(([name, description]) => make("p", {}, make("code", { textContent: name }), `: ${description}`))
  return [make("p", { className: "head", textContent: `Line ${number} makes ${counted(rows.length, "line")} of the program.` }), ...told]
}

export default function ({ data: [data], parentElement }) {
  const find = (selector) => parentElement.querySelector(selector)
  const [source, table, told] = [find(".source"), find("table"), find(".told")]
  const kept = (parentElement.vmapdemo ??= { pinned: null, open: new Set(), events: null })
  const rowOf = (id) => data.rows.find((row) => row.id === Number(id))
  const all = (selector) => [...parentElement.querySelectorAll(selector)]

  const paneOf = (node) => node.closest(".source, .program")
  const nodesOf = (ids) => ids.flatMap((id) => all(`[data-operation="${id}"]`))

  function light(node) {
    all(".lit, .asked").forEach((lit) => lit.classList.remove("lit", "asked"))
    if (!node) return told.replaceChildren(make("p", { className: "hint", textContent: HINT }))
    node.classList.add("asked")
    const lit = node.dataset.line ? lightLine(node) : lightOperation(node)
    lit.forEach((one) => one.classList.add("lit"))
    const elsewhere = lit.find((one) => paneOf(one) && paneOf(one) !== paneOf(node))
    if (elsewhere) reveal(elsewhere)
  }

  function lightLine(node) {
    const rows = data.rows.filter((row) => row.line === Number(node.dataset.line))
    told.replaceChildren(...lineTold(rows, node.dataset.line))
    return [node, ...nodesOf(rows.map((row) => row.id))]
  }

  function lightOperation(node) {
    const row = rowOf(node.dataset.operation)
    told.replaceChildren(...operationTold(row, row.rounds[Number(node.dataset.round) - 2]))
    const read = new Set(row.inputs.map((array) => array.name))
    const given = all("[data-argument]").filter((item) => read.has(item.dataset.argument))
    const around = row.parent === null ? [] : [row.parent]
    return [node, ...all(`[data-line="${row.line}"]`), ...nodesOf([...row.reads, ...around]), ...given]
  }

  /** Scroll the pane of this node, and nothing around it, until the node is seen in the pane's part of the window. */
  function reveal(node) {
    const pane = paneOf(node)
    const [inner, outer] = [node.getBoundingClientRect(), pane.getBoundingClientRect()]
    const top = outer.top + (pane.querySelector("thead")?.offsetHeight ?? 0)
    const bottom = Math.min(outer.bottom, innerHeight)
    if (inner.top < top) pane.scrollTop -= top - inner.top
    else if (inner.bottom > bottom) pane.scrollTop += inner.bottom - bottom
  }

  const nameOf = (node) => (node.dataset.line ? `[data-line="${node.dataset.line}"]` : `[data-operation="${node.dataset.operation}"]${node.dataset.round ? `[data-round="${node.dataset.round}"]` : ":not([data-round])"}`)
  const pinnedNode = () => kept.pinned && find(kept.pinned)
  const targetOf = (event) => event.target.closest?.("[data-operation], .live")

  function pin(node) {
    kept.pinned = node && kept.pinned !== nameOf(node) ? nameOf(node) : null
    all(".pinned").forEach((pinned) => pinned.classList.remove("pinned"))
    pinnedNode()?.classList.add("pinned")
    light(pinnedNode())
  }

  /** Up and down in a pane, left to the line of an operation, right to the first operation of a line. */
  function step(node, key) {
    const inSource = Boolean(node.dataset.line)
    if (key === "ArrowLeft") return inSource ? null : find(`.live[data-line="${rowOf(node.dataset.operation).line}"]`)
    if (key === "ArrowRight") return inSource ? nodesOf(data.rows.filter((row) => row.line === Number(node.dataset.line)).map((row) => row.id))[0] : null
    const nodes = all(inSource ? ".live" : "[data-operation]")
    return nodes[nodes.indexOf(node) + (key === "ArrowDown" ? 1 : -1)]
  }

  function onKey(event) {
    const node = targetOf(event)
    if (!node) return
    if (event.key === "Enter" || event.key === " ") { pin(node); event.preventDefault() }
    if (event.key === "Escape") pin(null)
    if (event.key.startsWith("Arrow")) { step(node, event.key)?.focus(); event.preventDefault() }
  }

  function toggle(block) {
    kept.open.has(block) ? kept.open.delete(block) : kept.open.add(block)
    drawProgram()
    find(`[data-fold="${block}"]`).focus()
    light(pinnedNode())
  }

  function drawProgram() {
    const head = make("thead", {}, make("tr", {}, make("th", { textContent: "One example" }), make("th", { textContent: "Whole batch" })))
    const body = make("tbody", {}, ...bodyOf(data.rows, kept.open, toggle))
    table.replaceChildren(head, body, make("tfoot", {}, ...data.results.map(resultRow)))
    const first = table.querySelector("[data-operation]")
    if (first) first.tabIndex = 0
  }

  find(".summary").textContent = data.saved ? `Sharing saves ${data.saved}.` : ""
  find(".arguments").replaceChildren(...data.arguments.map((array, place) => argumentItem(array, data.passed[place])))
  source.replaceChildren(...data.source.lines.map((line) => sourceLine(line, data.rows)))
  const firstLine = source.querySelector(".live")
  if (firstLine) firstLine.tabIndex = 0
  drawProgram()
  pinnedNode()?.classList.add("pinned")
  light(pinnedNode())

  kept.events?.abort()
  kept.events = new AbortController()
  const on = (name, react) => find(".panes").addEventListener(name, react, { signal: kept.events.signal })
  on("mouseover", (event) => { if (targetOf(event)) light(targetOf(event)) })
  on("mouseleave", () => light(pinnedNode()))
  on("focusin", (event) => { if (targetOf(event)) light(targetOf(event)) })
  on("focusout", () => light(pinnedNode()))
  on("click", (event) => { if (targetOf(event)) pin(targetOf(event)) })
  on("keydown", onKey)
}
