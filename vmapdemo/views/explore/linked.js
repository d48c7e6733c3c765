/**
 * Draws the arrays as tables and links result cells to the argument cells that they depend on.
 *
 * `data.links` speaks of one example; `cellOf` puts the example's index in at the axis that an array is mapped along.
 */
const HUES = ["--st-blue-color", "--st-orange-color", "--st-green-color", "--st-violet-color", "--st-red-color", "--st-yellow-color"]
/** A table of more columns than this scrolls in its place, so that all arrays stay side by side. */
const WIDE = 6
const HINT = "Point at a result to see what it is made of; click to keep it. Click a number in a ring to pick an example."

const hueOf = (example) => `var(${HUES[example % HUES.length]})`

function unravel(flat, shape) {
  const index = []
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(flat % shape[axis])
    flat = Math.floor(flat / shape[axis])
  }
  return index
}

const ravel = (index, shape) => index.reduce((flat, position, axis) => flat * shape[axis] + position, 0)
const without = (list, axis) => list.filter((_, position) => position !== axis)

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties)
  node.append(...children)
  return node
}

/** The label of one position along an axis: a ringed example number where the axis is mapped, else the index. */
function label(table, axis, position, pick) {
  if (axis !== table.axis) return make("th", { textContent: table.offends && table.axis === null ? "" : String(position) })
  const button = make("button", { type: "button", textContent: String(position), title: `example ${position}` })
  button.dataset.pick = position
  button.setAttribute("aria-pressed", "false")
  button.addEventListener("click", () => pick(position))
  const th = make("th", { className: table.offends ? "offends" : "" }, button)
  th.style.setProperty("--hue", hueOf(position))
  return th
}

function cell(table, index) {
  const text = table.cells[ravel(index, table.shape)]
  const td = make("td", { textContent: text })
  td.dataset.array = table.name
  td.dataset.index = index.join(",")
  if (table.axis !== null) {
    td.dataset.example = index[table.axis]
    td.style.setProperty("--hue", hueOf(index[table.axis]))
  }
  return td
}

/** The rows of a table: a vector is one row, three axes are slices one under the other. */
function rowsOf(table, pick) {
  const { shape } = table
  const ndim = shape.length
  const rows = []
  const columns = ndim ? shape[ndim - 1] : 1
  const prefixes = shape.slice(0, -1).reduce((all, size) => all.flatMap((p) => [...Array(size).keys()].map((i) => [...p, i])), [[]])
  if (ndim) {
    const head = [...Array(columns).keys()].map((position) => label(table, ndim - 1, position, pick))
    rows.push(make("tr", {}, make("th"), ...head))
  }
  for (const prefix of prefixes) {
    if (ndim === 3 && prefix[1] === 0) rows.push(sliceRow(table, prefix[0], columns, pick))
    const indices = [...Array(columns).keys()].map((position) => (ndim ? [...prefix, position] : []))
    const shown = indices.filter((index) => ravel(index, shape) < table.cells.length)
    if (!shown.length) break
    const head = ndim >= 2 ? label(table, ndim - 2, prefix[ndim - 2], pick) : make("th")
    rows.push(make("tr", {}, head, ...shown.map((index) => cell(table, index))))
  }
  return rows
}

function sliceRow(table, position, columns, pick) {
  const th = label(table, 0, position, pick)
  th.colSpan = columns + 1
  th.style.textAlign = "left"
  th.prepend(`${table.name}[${position}] `)
  return make("tr", {}, th)
}

function draw(table, pick) {
  const note = [`${table.dtype} (${table.shape.join(", ")}${table.shape.length === 1 ? "," : ""})`, table.note].filter(Boolean).join(", ")
  return make(
    "div",
    { className: `array${table.offends ? " offends" : ""}${table.shape.at(-1) > WIDE ? " wide" : ""}` },
    make("div", { className: "title", textContent: table.title }),
    make("div", { className: "note", textContent: table.cut ? `${note}; the first ${table.cells.length} cells` : note }),
    make("div", { className: "scroll" }, make("table", {}, ...rowsOf(table, pick))),
  )
}

/** The argument cells and the formula of one result cell, from the links of one example. */
function askedOf(data, index) {
  const tables = data.tables.slice(0, -1)
  const result = data.tables[data.tables.length - 1]
  const example = result.axis === null ? 0 : index[result.axis]
  const output = result.axis === null ? ravel(index, result.shape) : ravel(without(index, result.axis), without(result.shape, result.axis))
  const indexOf = (table, flat) => {
    if (table.axis === null) return unravel(flat, table.shape)
    const inside = unravel(flat, without(table.shape, table.axis))
    return [...inside.slice(0, table.axis), example, ...inside.slice(table.axis)]
  }
  const cells = data.links.cells[output].flatMap((flats, which) => flats.map((flat) => [tables[which].name, indexOf(tables[which], flat).join(",")]))
  const numberOf = (table, flat) => table.cells[ravel(indexOf(table, flat), table.shape)]
  return { cells, formula: formulaOf(data.links.terms?.[output], tables, numberOf, result.cells[ravel(index, result.shape)]) }
}

/** `1*2 + 2*3 + 3*4 = 20`, or nothing where the terms do not give the number that stands in the cell. */
function formulaOf(terms, tables, numberOf, text) {
  if (!terms?.length) return ""
  let total = 0
  let size = 0
  const products = terms.map(([coefficient, ...flats]) => {
    const numbers = flats.map((flat, which) => numberOf(tables[which], flat))
    const value = numbers.reduce((product, number) => product * Number(number), coefficient)
    total += value
    size += Math.abs(value)
    return [...(coefficient === 1 ? [] : [String(coefficient)]), ...numbers].map(bracketed).join("*")
  })
  if (Math.abs(total - Number(text)) > 1e-4 * Math.max(size, 1)) return ""
  return `${products.join(" + ")} = ${text}`
}

const bracketed = (text) => (text.startsWith("-") ? `(${text})` : text)

export default function ({ data, parentElement }) {
  const arrays = parentElement.querySelector(".arrays")
  const formula = parentElement.querySelector(".formula")
  const kept = (parentElement.vmapdemo ??= { pinned: null, picked: null, focus: null })

  const find = (name, index) => arrays.querySelector(`td[data-array="${name}"][data-index="${index}"]`)
  const clear = (...names) => names.forEach((name) => arrays.querySelectorAll(`.${name}`).forEach((node) => node.classList.remove(name)))

  function light(td) {
    clear("lit", "asked")
    formula.replaceChildren()
    if (!td || !data.links) return hint()
    td.classList.add("asked")
    const asked = askedOf(data, td.dataset.index === "" ? [] : td.dataset.index.split(",").map(Number))
    asked.cells.forEach(([name, index]) => find(name, index)?.classList.add("lit"))
    formula.textContent = asked.formula ? `result[${td.dataset.index}]: ${asked.formula}` : `result[${td.dataset.index}]`
  }

  function hint() {
    if (data.links) formula.replaceChildren(make("span", { className: "hint", textContent: HINT }))
  }

  function pin(td) {
    kept.pinned = td && kept.pinned !== td.dataset.index ? td.dataset.index : null
    clear("pinned")
    if (kept.pinned !== null) td.classList.add("pinned")
    light(kept.pinned === null ? null : td)
  }

  function pick(example) {
    kept.picked = kept.picked === example ? null : example
    arrays.querySelectorAll("button[data-pick]").forEach((button) => {
      button.setAttribute("aria-pressed", String(Number(button.dataset.pick) === kept.picked))
    })
    arrays.querySelectorAll("td[data-example]").forEach((td) => {
      td.classList.toggle("dim", kept.picked !== null && Number(td.dataset.example) !== kept.picked)
    })
  }

  const pinnedCell = () => (kept.pinned === null ? null : find("result", kept.pinned))

  function step(td, key) {
    const index = td.dataset.index.split(",").map(Number)
    const axis = key === "ArrowLeft" || key === "ArrowRight" ? index.length - 1 : index.length - 2
    if (axis < 0) return null
    index[axis] += key === "ArrowRight" || key === "ArrowDown" ? 1 : -1
    return find("result", index.join(","))
  }

  arrays.replaceChildren(...data.tables.map((table) => draw(table, pick)))
  const results = [...arrays.querySelectorAll('td[data-array="result"]')]
  results.forEach((td, position) => { td.tabIndex = position ? -1 : 0 })

  const cellOf = (event) => event.target.closest?.('td[data-array="result"]')
  arrays.onmouseover = (event) => { if (cellOf(event)) light(cellOf(event)) }
  arrays.onmouseleave = () => light(pinnedCell())
  kept.focus?.abort()
  kept.focus = new AbortController()
  arrays.addEventListener("focusin", (event) => { if (cellOf(event)) light(cellOf(event)) }, { signal: kept.focus.signal })
  arrays.addEventListener("focusout", () => light(pinnedCell()), { signal: kept.focus.signal })
  arrays.onclick = (event) => { if (cellOf(event)) pin(cellOf(event)) }
  arrays.onkeydown = (event) => {
    const td = cellOf(event)
    if (!td) return
    if (event.key === "Enter" || event.key === " ") { pin(td); event.preventDefault() }
    if (event.key === "Escape") { kept.pinned = null; clear("pinned"); light(null) }
    if (event.key.startsWith("Arrow")) { step(td, event.key)?.focus(); event.preventDefault() }
  }

  const picked = kept.picked
  kept.picked = null
  if (picked !== null && arrays.querySelector(`button[data-pick="${picked}"]`)) pick(picked)
  pinnedCell()?.classList.add("pinned")
  light(pinnedCell())
}
