/** An array as a table: its rows, the labels of its positions, its examples numbered and coloured. */
const HUES = ["--st-blue-color", "--st-orange-color", "--st-green-color", "--st-violet-color", "--st-red-color", "--st-yellow-color"]

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

const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`

/** One array as it is drawn everywhere; what can be done to it is added by those who draw it. */
class Grid {
  constructor(name) {
    this.name = name
    this.title = make("span", { className: "title" })
    this.note = make("span", { className: "note" })
    this.head = make("div", { className: "head" }, this.title, this.note)
    this.table = make("table")
    this.tds = new Map()
  }

  /** What stands over the array; `dtype` is empty where it is to be seen elsewhere. */
  entitle(data, dtype) {
    put(this.title, "textContent", data.title)
    const note = [shapeText(data.shape), dtype, data.note].filter(Boolean).join(" ")
    put(this.note, "textContent", data.cut ? `${note}; the first ${data.cells.length} cells` : note)
    this.table.setAttribute("aria-label", `${data.title}, ${data.dtype} ${shapeText(data.shape)}`)
  }

  fill(data) {
    this.data = data
    this.tds = new Map()
    this.table.replaceChildren(...this.rows())
  }

  /** The rows of a table: a vector is one row, three axes are slices one under the other. */
  rows() {
    const { shape, cells, type } = this.data
    if (!cells) return [make("tr", {}, make("td", { className: "type", textContent: type }))]
    const ndim = shape.length
    const columns = ndim ? shape[ndim - 1] : 1
    const prefixes = shape.slice(0, -1).reduce((all, size) => all.flatMap((p) => [...Array(size).keys()].map((i) => [...p, i])), [[]])
    const rows = []
    if (ndim) rows.push(make("tr", {}, make("td", { className: "corner" }), ...[...Array(columns).keys()].map((position) => this.label(ndim - 1, position, "col"))))
    for (const prefix of prefixes) {
      if (ndim === 3 && prefix[1] === 0) rows.push(this.sliceRow(prefix[0], columns))
      const indices = [...Array(columns).keys()].map((position) => (ndim ? [...prefix, position] : []))
      const shown = indices.filter((index) => ravel(index, shape) < cells.length)
      if (!shown.length) break
      const head = ndim >= 2 ? this.label(ndim - 2, prefix[ndim - 2], "row") : make("td", { className: "corner" })
      rows.push(make("tr", {}, head, ...shown.map((index) => this.cell(index))))
    }
    return rows
  }

  sliceRow(position, columns) {
    const th = this.label(0, position, "rowgroup")
    th.colSpan = columns + 1
    th.style.textAlign = "left"
    th.prepend(`${this.data.title}[${position}] `)
    return make("tr", {}, th)
  }

  /** The label of one position along an axis: a ringed example number where the axis is mapped, else the index. */
  label(axis, position, scope) {
    if (axis !== this.data.axis) return make("th", { scope, textContent: String(position) })
    const th = make("th", { scope, className: this.data.offends ? "offends" : "" }, this.ring(position))
    th.style.setProperty("--hue", hueOf(position))
    return th
  }

  ring(position) {
    return make("span", { className: "ring", textContent: String(position), title: `example ${position}` })
  }

  cell(index) {
    const { axis, cells, shape } = this.data
    const td = make("td", { textContent: cells[ravel(index, shape)] })
    td.dataset.array = this.name
    td.dataset.index = index.join(",")
    if (axis !== null) {
      td.dataset.example = index[axis]
      td.style.setProperty("--hue", hueOf(index[axis]))
    }
    this.tds.set(td.dataset.index, td)
    return td
  }
}
