/**
 * Draws the arrays as tables that are edited in their place, and links result cells to the argument cells they depend on.
 *
 * `data.links` speaks of one example; `indexOf` puts the example's index in at the axis that an array is mapped along.
 * Cells are patched, never replaced while their table keeps its shape, so that what is being typed and where somebody
 * stands survive whatever the server sends meanwhile.
 */
const HINT = "Type into a cell of an argument. Point at a result to see what it is made of; click to keep it. A ring picks an example."
const EDGES = { columns: "column", rows: "row", slices: "slice" }
const LEAST_SCALE = 0.75
const MOST_SCALE = 2.2

const without = (list, axis) => list.filter((_, position) => position !== axis)
const indexIn = (td) => (td.dataset.index === "" ? [] : td.dataset.index.split(",").map(Number))
const placeOf = (name, index) => `${name}[${index.join(", ")}]`
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

/** Let one element of a group take the focus from outside; the arrow keys go on inside. */
function rove(nodes, current) {
  nodes.forEach((node) => { node.tabIndex = node === current ? 0 : -1 })
}

const BEFORE = ["ArrowLeft", "ArrowUp"]
const AFTER = ["ArrowRight", "ArrowDown"]

/** The neighbour of a node that an arrow key asks for, round the corner at the ends. */
function neighbour(nodes, node, key) {
  const step = AFTER.includes(key) ? 1 : BEFORE.includes(key) ? -1 : 0
  return step ? nodes[(nodes.indexOf(node) + step + nodes.length) % nodes.length] : null
}

/** The axes that an array can be mapped along, each at its side of the array, and none: one radio group. */
class Handles {
  constructor(board, name, level = "outer") {
    this.board = board
    this.name = name
    this.level = level
    this.radios = []
    this.node = make("div", { className: `handles ${level}` })
    this.node.setAttribute("role", "radiogroup")
    const of = level === "inner" ? " of the inner vmap" : ""
    this.node.setAttribute("aria-label", name === "result" ? "out_axes: the axis of the batch in the result" : `in_axes${of}: the axis of ${name} that is mapped`)
  }

  update(handles, ndim = handles.length - 1) {
    if (this.radios.length !== handles.length) {
      this.radios = handles.map(() => this.radio())
      this.node.replaceChildren(...this.radios)
    }
    handles.forEach(({ axis, label, checked }, position) => {
      const radio = this.radios[position]
      put(radio, "textContent", label)
      put(radio, "className", this.level === "inner" ? "handle" : `handle ${axis === null ? "none" : axis === ndim - 1 ? "top" : axis === ndim - 2 ? "left" : "slice"}`)
      radio.dataset.axis = axis ?? "none"
      radio.setAttribute("aria-checked", String(checked))
    })
    rove(this.radios, this.radios.find((radio) => radio.getAttribute("aria-checked") === "true") ?? this.radios[0])
  }

  radio() {
    const radio = make("button", { type: "button" })
    radio.setAttribute("role", "radio")
    radio.dataset[this.level === "inner" ? "innerAxisOf" : "axisOf"] = this.name
    radio.addEventListener("click", () => this.choose(radio))
    radio.addEventListener("keydown", (event) => {
      const next = neighbour(this.radios, radio, event.key)
      if (!next) return
      event.preventDefault()
      next.focus()
      this.choose(next)
    })
    return radio
  }

  choose(radio) {
    this.radios.forEach((other) => other.setAttribute("aria-checked", String(other === radio)))
    rove(this.radios, radio)
    this.board.ask({ kind: "axis", array: this.name, level: this.level, axis: radio.dataset.axis === "none" ? null : Number(radio.dataset.axis) })
  }
}

/** One array: its header, its axes' handles, its cells, its edges, and the form for numbers as text. */
class Table extends Grid {
  constructor(board, name) {
    super(name)
    this.board = board
    this.editable = name !== "result"
    this.tools = make("span", { className: "tools" })
    this.head.append(this.tools)
    this.handles = new Handles(board, name)
    this.inner = new Handles(board, name, "inner")
    this.within = make("div", { className: "within" }, "inside: ", this.inner.node)
    this.table.setAttribute("role", "grid")
    this.scroll = make("div", { className: "scroll" }, this.table)
    this.edges = make("div", { className: "edges" })
    this.refused = make("div", { className: `refused st-key-notice_${name}` })
    this.refused.setAttribute("role", "alert")
    this.body = make("div", { className: "body" }, this.handles.node, this.scroll, this.edges)
    this.node = make("section", { className: `array st-key-${name}` }, this.head, this.body, this.within, this.refused)
    this.node.setAttribute("aria-label", name)
    if (this.editable) this.addTools()
  }

  addTools() {
    this.dtype = make("select", { title: "dtype" })
    this.dtype.setAttribute("aria-label", `dtype of ${this.name}`)
    this.dtype.addEventListener("change", () => this.ask({ kind: "dtype", dtype: this.dtype.value }))
    this.transposed = make("button", { type: "button", textContent: ".T", title: "pass the transpose" })
    this.transposed.setAttribute("aria-label", `pass ${this.name} transposed`)
    this.transposed.addEventListener("click", () => this.ask({ kind: "transposed", transposed: !this.data.transposed }))
    this.keyword = make("button", { type: "button", title: "pass it by keyword, and those after it" })
    this.keyword.addEventListener("click", () => this.ask({ kind: "keyword", keyword: !this.data.keyword.pressed }))
    this.opener = make("button", { type: "button", textContent: "as text", title: "write or paste all numbers as text" })
    this.opener.setAttribute("aria-label", `numbers of ${this.name} as text`)
    this.opener.addEventListener("click", () => this.openForm(this.form.hidden))
    this.tools.append(this.dtype, this.transposed, this.keyword, this.opener)
    this.text = make("textarea", { rows: 4, placeholder: "[[0, 1], [2, 3]], rows from a spreadsheet, or a shape alone: f32[32,128,768]", spellcheck: false })
    this.text.setAttribute("aria-label", `numbers of ${this.name}`)
    const use = make("button", { type: "submit", className: "primary", textContent: "Use these numbers" })
    const leave = make("button", { type: "button", textContent: "Cancel" })
    leave.addEventListener("click", () => this.openForm(false))
    this.wrong = make("p", { className: "wrong" })
    this.wrong.setAttribute("role", "alert")
    this.form = make("form", { hidden: true }, this.text, this.wrong, make("div", { className: "row" }, use, leave))
    this.form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.used = this.ask({ kind: "numbers", text: this.text.value })
    })
    this.form.addEventListener("keydown", (event) => { if (event.key === "Escape") this.openForm(false) })
    this.head.after(this.form)
  }

  openForm(open) {
    this.form.hidden = !open
    this.used = null
    this.opener.setAttribute("aria-expanded", String(open))
    if (open) {
      this.text.value = this.asText()
      this.text.select()
      this.text.focus()
    } else this.opener.focus()
  }

  /** The numbers as they are stored, in Python's brackets; nothing where not all of them are drawn. */
  asText() {
    if (this.data.cut) return ""
    if (!this.data.cells) return this.data.type
    const { shape, cells, transposed } = this.data
    const stored = transposed ? [...shape].reverse() : shape
    const at = (index) => cells[ravel(transposed ? [...index].reverse() : index, shape)]
    const nested = (index) => (index.length === stored.length ? at(index) : `[${[...Array(stored[index.length]).keys()].map((next) => nested([...index, next])).join(", ")}]`)
    return nested([])
  }

  ask(request) {
    return this.board.ask({ array: this.name, ...request })
  }

  update(data) {
    this.data = data
    this.entitle(data, this.editable ? "" : data.dtype)
    this.node.classList.toggle("offends", data.offends)
    if (!this.editable) this.table.setAttribute("aria-readonly", "true")
    if (this.editable) this.updateTools(data)
    this.node.classList.toggle("bare", !data.cells)
    this.handles.update(data.handles, data.cells ? data.shape.length : 0)
    this.within.hidden = !data.inner
    if (data.inner) this.inner.update(data.inner)
    const layout = JSON.stringify([data.shape, data.axis, data.offends, data.cut, data.type])
    if (this.layout !== layout) this.draw()
    this.layout = layout
    this.body.classList.toggle("flat", data.shape.length < 2)
    this.patch()
    this.say()
  }

  updateTools(data) {
    const dtypes = this.board.data.dtypes
    if (this.dtype.options.length !== dtypes.length) this.dtype.replaceChildren(...dtypes.map((dtype) => make("option", { textContent: dtype })))
    put(this.dtype, "value", data.dtype)
    this.dtype.hidden = data.dtype === "key"
    this.transposed.hidden = data.part
    this.transposed.setAttribute("aria-pressed", String(data.transposed))
    this.keyword.hidden = !data.keyword
    if (data.keyword) {
      put(this.keyword, "textContent", `${data.keyword.name}=`)
      this.keyword.setAttribute("aria-label", `pass ${data.keyword.name} by keyword`)
      this.keyword.setAttribute("aria-pressed", String(data.keyword.pressed))
    }
    this.text.maxLength = this.board.data.most
    if (this.used && this.used <= this.board.requests.confirmed) {
      const { sentence } = this.board.data.notices[`numbers_${this.name}`] ?? {}
      put(this.wrong, "textContent", sentence ?? "")
      this.used = null
      if (!sentence) this.openForm(false)
    }
    if (this.form.hidden) put(this.wrong, "textContent", "")
  }

  // The cells

  draw() {
    const hadFocus = this.board.focused() && this.table.contains(this.board.focused()) ? this.board.focused().dataset?.index : undefined
    this.fill(this.data)
    this.edges.hidden = !this.data.cells
    if (this.editable && this.data.cells) this.drawEdges()
    const rings = [...this.table.querySelectorAll("button[data-pick]")]
    rove(rings, rings[0])
    rings.forEach((ring) => ring.addEventListener("keydown", (event) => {
      const next = neighbour(rings, ring, event.key)
      if (next) { rove(rings, next); next.focus(); event.preventDefault() }
    }))
    this.current = this.tds.get(this.current?.dataset.index) ?? [...this.tds.values()][0]
    rove([...this.tds.values()], this.current)
    if (hadFocus !== undefined) this.current?.focus()
  }

  ring(position) {
    const ring = make("button", { type: "button", textContent: String(position), title: `example ${position}` })
    ring.dataset.pick = position
    ring.setAttribute("aria-label", `example ${position}`)
    ring.setAttribute("aria-pressed", "false")
    ring.addEventListener("click", () => this.board.pick(position))
    return ring
  }

  cell(index) {
    const td = super.cell(index)
    td.tabIndex = -1
    td.setAttribute("role", "gridcell")
    return td
  }

  /** The numbers as the server has them, but for those that it has not seen yet and those that it did not take. */
  patch() {
    const { cells, axis, shape } = this.data
    for (const td of this.tds.values()) {
      const index = indexIn(td)
      const place = placeOf(this.name, index)
      const refused = this.editable ? this.board.data.notices[place] : undefined
      const text = refused?.text ?? cells[ravel(index, shape)]
      if (this.board.isWaiting(place)) continue
      put(td, "textContent", text)
      td.classList.toggle("refused", Boolean(refused))
      if (this.editable) td.setAttribute("aria-invalid", String(Boolean(refused)))
      const example = axis === null ? "" : `, example ${index[axis]}`
      td.setAttribute("aria-label", `${place} ${text}${example}`)
    }
  }

  /** Why something was not taken, beside the cells that it is about. */
  say() {
    const own = Object.entries(this.board.data.notices).filter(([place]) => place.split("[")[0] === this.name)
    const said = own.map(([place, { sentence }]) => `\`${place}\` is not changed. ${sentence}`)
    const text = said.join("\n")
    if (this.said === text) return
    this.said = text
    this.refused.replaceChildren(...said.map((line) => make("p", {}, ...words(line))))
    this.refused.hidden = !said.length
  }

  // The edges

  sizes() {
    const { shape } = this.data
    return { columns: shape.at(-1) ?? 1, rows: shape.at(-2) ?? 1, ...(shape.length === 3 ? { slices: shape[0] } : {}) }
  }

  /** Buttons that are there stay, or one could not press them twice from the keyboard. */
  drawEdges() {
    const sizes = this.sizes()
    const edges = Object.keys(sizes)
    if (this.edges.children.length !== edges.length) this.edges.replaceChildren(...edges.map((edge) => this.edge(edge)))
    edges.forEach((edge, position) => { this.edges.children[position].lastChild.disabled = sizes[edge] === 1 })
  }

  edge(edge) {
    const button = (text, verb, step) => {
      const made = make("button", { type: "button", textContent: text, title: `${verb} a ${EDGES[edge]}` })
      made.setAttribute("aria-label", `${verb} a ${EDGES[edge]} of ${this.name}`)
      made.addEventListener("click", () => this.resize(edge, step))
      return made
    }
    return make("span", { className: `edge ${edge}` }, button("+", "add", 1), button("−", "remove", -1))
  }

  /** One more or one less than there will be once the server has seen what was pressed before. */
  resize(edge, step) {
    const { number = 0, size } = this.resized?.[edge] ?? {}
    const wanted = (number > this.board.requests.confirmed ? size : this.sizes()[edge]) + step
    if (wanted < 1) return
    this.resized = { ...this.resized, [edge]: { number: this.ask({ kind: "size", edge, size: wanted }), size: wanted } }
  }

  /** The cell that an arrow key leads to from another: rows of all slices follow each other. */
  beside(td, key) {
    const all = [...this.tds.values()]
    const columns = this.data.shape.at(-1) ?? 1
    const flat = all.indexOf(td)
    const column = flat % columns
    if (key === "ArrowLeft") return column ? all[flat - 1] : null
    if (key === "ArrowRight") return column < columns - 1 ? all[flat + 1] : null
    return all[flat + (key === "ArrowDown" ? columns : -columns)] ?? null
  }

  /** The next cell in the order of reading, or the one before. */
  next(td, step) {
    const all = [...this.tds.values()]
    return all[all.indexOf(td) + step] ?? null
  }
}

/** What is typed into one cell at a time: an input over the cell, so that the cell may be drawn anew beneath it. */
class Editor {
  constructor(board) {
    this.board = board
    this.td = null
    this.input = make("input", { type: "text", className: "editor", spellcheck: false, autocomplete: "off", enterKeyHint: "done" })
    this.input.addEventListener("keydown", (event) => this.onKey(event))
    this.input.addEventListener("blur", () => this.close(true))
  }

  open(td, text) {
    const table = this.board.tableOf(td)
    this.close(true)
    this.td = td
    this.place = placeOf(table.name, indexIn(td))
    this.before = td.textContent
    table.scroll.append(this.input)
    this.put()
    this.input.setAttribute("aria-label", `${this.place}, ${this.before}`)
    this.input.value = text ?? this.before
    this.input.focus()
    if (text === undefined) this.input.select()
  }

  /** Stand over the cell, which may have moved or have been drawn anew. */
  put() {
    if (!this.td) return
    const table = this.board.tables.get(this.td.dataset.array)
    const td = table?.tds.get(this.td.dataset.index)
    if (!td) return this.close(false)
    this.td = td
    Object.assign(this.input.style, { left: `${td.offsetLeft}px`, top: `${td.offsetTop}px`, minWidth: `${td.offsetWidth}px`, height: `${td.offsetHeight}px` })
  }

  /** Take the input away; send its text, unless it is what stood there. Gives the cell. */
  close(sends) {
    const { td } = this
    if (!td) return null
    this.td = null
    const text = this.input.value.trim()
    this.input.remove()
    if (sends && text !== this.before) this.board.write(td, text)
    return td
  }

  onKey(event) {
    const table = this.board.tables.get(this.td.dataset.array)
    event.stopPropagation()
    if (event.key === "Escape") return this.close(false).focus()
    if (event.key === "Tab") return this.onTab(event, table)
    const step = { Enter: event.shiftKey ? "ArrowUp" : "ArrowDown", ArrowDown: "ArrowDown", ArrowUp: "ArrowUp" }[event.key]
    if (!step) return
    event.preventDefault()
    const td = this.close(true)
    ;(table.beside(td, step) ?? td).focus()
  }

  /** To the next cell; from the last one the browser goes on to what comes after the cells. */
  onTab(event, table) {
    const td = this.close(true)
    const next = table.next(td, event.shiftKey ? -1 : 1)
    ;(next ?? td).focus()
    if (next) event.preventDefault()
  }
}

/** All arrays, and what somebody points at, keeps, picks, types and asks for. */
class Board {
  constructor(root) {
    this.root = root
    this.arrays = root.querySelector(".arrays")
    this.formula = root.querySelector(".formula")
    this.reset = root.querySelector(".reset")
    this.whole = root.querySelector(".whole")
    this.whole.addEventListener("click", () => { this.whole.href = addressToShare(null) })
    this.whole.href = addressToShare(null)
    this.reset.addEventListener("click", () => this.requests.ask({ kind: "reset" }))
    this.requests = new Requests()
    this.tables = new Map()
    this.sent = new Map()
    this.pinned = null
    this.picked = null
    this.editor = new Editor(this)
    this.arrow = make("div", { className: "arrow", textContent: "→" })
    this.outcome = make("div", { className: "outcome" }, this.arrow)
    this.listen()
  }

  ask(request) {
    this.arrays.classList.add("waiting")
    return this.requests.ask({ ground: this.data.ground, ...request })
  }

  /** Show what was typed at once, and send it. */
  write(td, text) {
    const index = indexIn(td)
    const place = placeOf(td.dataset.array, index)
    td.textContent = text
    td.classList.remove("refused")
    this.sent.set(place, this.ask({ kind: "cell", array: td.dataset.array, index, text }))
  }

  isWaiting(place) {
    return (this.sent.get(place) ?? 0) > this.requests.confirmed
  }

  update(data, trigger) {
    this.data = data
    this.requests.update(data.confirmed, trigger)
    this.arrays.classList.toggle("waiting", this.requests.waiting.length > 0)
    const names = data.tables.map((table) => table.name)
    for (const [name, table] of this.tables) if (!names.includes(name)) { table.node.remove(); this.tables.delete(name) }
    data.tables.forEach((table) => {
      if (!this.tables.has(table.name)) this.tables.set(table.name, new Table(this, table.name))
    })
    this.arrange(names)
    data.tables.forEach((table) => this.tables.get(table.name).update(table))
    this.drawMissing(data.missing)
    this.editor.put()
    this.reset.hidden = !data.changed
    this.whole.hidden = !data.embedded
    this.scale(data.large)
    const picked = this.picked
    this.picked = null
    if (picked !== null && this.root.querySelector(`button[data-pick="${picked}"]`)) this.pick(picked)
    else this.dim()
    this.pinnedCell()?.classList.add("pinned")
    this.light(this.pointed() ?? this.pinnedCell())
  }

  /** The arguments, an arrow, the result; nodes that stand right are not moved, or they would lose the focus. */
  arrange(names) {
    put(this.arrow, "title", `${this.data.function} on each example`)
    const wanted = [...names.filter((name) => name !== "result").map((name) => this.tables.get(name).node), this.outcome]
    const result = this.tables.get("result")?.node
    if (result && result.parentNode !== this.outcome) this.outcome.append(result)
    wanted.forEach((node, position) => { if (this.arrays.children[position] !== node) this.arrays.insertBefore(node, this.arrays.children[position] ?? null) })
  }

  /** Where there is no result, the choice of its axis stays. */
  drawMissing(handles) {
    if (!handles) { this.missing?.node.remove(); return }
    this.missing ??= this.makeMissing()
    this.outcome.append(this.missing.node)
    this.missing.handles.update(handles)
  }

  makeMissing() {
    const handles = new Handles(this, "result")
    const head = make("div", { className: "head" }, make("span", { className: "title", textContent: "no result" }))
    const body = make("div", { className: "body" }, handles.node, make("div", { className: "scroll", textContent: "The call fails." }))
    return { handles, node: make("section", { className: "array missing" }, head, body) }
  }

  /** Large type: as large as the place allows, and a little smaller if that brings all arrays into one row. */
  scale(large) {
    this.arrays.style.fontSize = ""
    if (!large) return
    const nodes = [...this.arrays.children]
    const byWidth = this.arrays.clientWidth / nodes.reduce((sum, node) => sum + node.offsetWidth + 28, 0)
    const byHeight = (innerHeight - this.arrays.getBoundingClientRect().top - 90) / Math.max(...nodes.map((node) => node.offsetHeight))
    const scale = byWidth < 1 ? byWidth : Math.min(Math.max(Math.min(byWidth, byHeight), 1), MOST_SCALE)
    if (scale >= LEAST_SCALE) this.arrays.style.fontSize = `${scale}em`
  }

  tableOf(td) {
    return this.tables.get(td.dataset.array)
  }

  find(name, index) {
    return this.tables.get(name)?.tds.get(index)
  }

  focused() {
    return this.root.activeElement ?? this.root.getRootNode().activeElement
  }

  /** The result cell that the pointer or the focus is on. */
  pointed() {
    const found = this.root.querySelector('td[data-array="result"]:hover') ?? this.focused()
    return found?.dataset?.array === "result" ? found : null
  }

  pinnedCell() {
    return this.pinned === null ? null : this.find("result", this.pinned)
  }

  clear(...names) {
    names.forEach((name) => this.arrays.querySelectorAll(`.${name}`).forEach((node) => node.classList.remove(name)))
  }

  light(td) {
    this.clear("lit", "asked")
    if (!td || !this.data.links) {
      this.formula.replaceChildren(make("span", { className: "hint", textContent: this.data.links ? HINT : "" }))
      return
    }
    td.classList.add("asked")
    const asked = askedOf(this.data, indexIn(td))
    asked.cells.forEach(([name, index]) => this.find(name, index)?.classList.add("lit"))
    put(this.formula, "textContent", asked.formula ? `result[${td.dataset.index}]: ${asked.formula}` : `result[${td.dataset.index}]`)
  }

  pin(td) {
    this.pinned = td && this.pinned !== td.dataset.index ? td.dataset.index : null
    this.clear("pinned")
    this.pinnedCell()?.classList.add("pinned")
    this.light(this.pinnedCell())
  }

  pick(example) {
    this.picked = this.picked === example ? null : example
    this.dim()
  }

  dim() {
    this.arrays.querySelectorAll("button[data-pick]").forEach((ring) => ring.setAttribute("aria-pressed", String(Number(ring.dataset.pick) === this.picked)))
    this.arrays.querySelectorAll("td[data-array]").forEach((td) => {
      td.classList.toggle("dim", this.picked !== null && td.dataset.example !== undefined && Number(td.dataset.example) !== this.picked)
    })
  }

  // What somebody does

  listen() {
    const cellOf = (event) => event.target.closest?.("td[data-array]")
    const resultOf = (event) => event.target.closest?.('td[data-array="result"]')
    // Not for a finger: what is lit might move the cell away before its click comes.
    const mouseOn = (event) => event.pointerType === "mouse" && resultOf(event)
    this.arrays.addEventListener("pointerover", (event) => { if (mouseOn(event)) this.light(resultOf(event)) })
    this.arrays.addEventListener("pointerout", (event) => { if (mouseOn(event)) this.light(this.pinnedCell()) })
    this.arrays.addEventListener("focusin", (event) => this.onFocus(cellOf(event)))
    this.arrays.addEventListener("focusout", (event) => { if (resultOf(event)) this.light(this.pinnedCell()) })
    this.arrays.addEventListener("pointerdown", (event) => { this.before = cellOf(event) === this.focused() ? this.focused() : null; this.pointer = event.pointerType })
    this.arrays.addEventListener("click", (event) => { const td = cellOf(event); if (td) this.onClick(td) })
    this.arrays.addEventListener("dblclick", (event) => { const td = cellOf(event); if (td && this.tableOf(td).editable) this.editor.open(td) })
    this.arrays.addEventListener("keydown", (event) => { const td = cellOf(event); if (td) this.onKey(event, td) })
  }

  /** Streamlit hears of pasting in the document alone. */
  onPaste(event) {
    const td = this.focused()
    if (!td?.dataset?.array || !this.tableOf(td)?.editable) return
    const text = event.clipboardData.getData("text/plain")
    event.preventDefault()
    if (text) this.ask({ kind: "paste", array: td.dataset.array, index: indexIn(td), text: text.slice(0, this.data.most + 1) })
  }

  onFocus(td) {
    if (!td) return
    const table = this.tableOf(td)
    rove([...table.tds.values()], td)
    table.current = td
    if (!table.editable) this.light(td)
  }

  onClick(td) {
    if (!this.tableOf(td).editable) return this.pin(td)
    if (this.pointer === "touch" || this.before === td) this.editor.open(td)
    else td.focus()
  }

  onKey(event, td) {
    const table = this.tableOf(td)
    if (event.key.startsWith("Arrow")) { table.beside(td, event.key)?.focus(); event.preventDefault() }
    else if (table.editable) this.onEditingKey(event, td)
    else if (event.key === "Enter" || event.key === " ") { this.pin(td); event.preventDefault() }
    else if (event.key === "Escape") { this.pinned = null; this.clear("pinned"); this.light(null) }
  }

  /** A digit begins a new number, Enter and F2 change the one that is there. */
  onEditingKey(event, td) {
    const opens = event.key === "Enter" || event.key === "F2"
    const types = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey
    const empties = event.key === "Delete" || event.key === "Backspace"
    if (!opens && !types && !empties) return
    event.preventDefault()
    this.editor.open(td, types ? event.key : empties ? "" : undefined)
  }
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const board = (parentElement.vmapdemo ??= new Board(parentElement))
  board.update(data, setTriggerValue)
  const leaving = new AbortController()
  document.addEventListener("paste", (event) => board.onPaste(event), { signal: leaving.signal })
  return () => {
    leaving.abort()
    board.requests.stop()
  }
}
