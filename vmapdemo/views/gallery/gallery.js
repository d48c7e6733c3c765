/** Draws the gallery: cards by group, searched while somebody types; each way in opens Explore with a call. */
const left = (window.vmapdemoGallery ??= { text: "", top: 0, opened: null })

/** The query of a preset, by which it can be opened in another tab too. */
const queryOf = (preset, large) => `?preset=${preset}&view=explore${large ? "&large=1" : ""}`

function pictureOf(tables) {
  const drawn = tables.map((table) => {
    const grid = new Grid(table.name)
    grid.entitle(table, table.dtype === "float32" ? "" : table.dtype)
    grid.fill(table)
    const node = make("section", { className: "array" }, grid.head, grid.table)
    node.setAttribute("aria-label", table.name)
    return node
  })
  const result = drawn.pop()
  const arrow = make("div", { className: "arrow", textContent: "→" })
  return make("div", { className: "arrays" }, ...drawn, make("div", { className: "outcome" }, arrow, result))
}

class Gallery {
  constructor(root) {
    this.root = root
    this.requests = new Requests()
    this.field = make("input", { type: "search", placeholder: "scan, temperature, columns …", spellcheck: false, autocomplete: "off", value: left.text })
    this.field.addEventListener("input", () => this.search())
    const label = make("label", {}, "Search the gallery ", this.field)
    this.count = make("p", { className: "count" })
    this.count.setAttribute("role", "status")
    this.groups = make("div", { className: "groups" })
    root.append(make("div", { className: "search" }, label, this.count), this.groups)
  }

  update(data, trigger) {
    this.requests.update(data.confirmed, trigger)
    const drawn = JSON.stringify([data.groups, data.large])
    if (this.drawn === drawn) return
    this.drawn = drawn
    this.large = data.large
    this.cards = []
    this.groups.replaceChildren(...data.groups.map((group) => this.group(group)))
    this.search()
  }

  group({ title, cards }) {
    const nodes = cards.map((card) => this.card(card, title))
    return make("section", { className: "group" }, make("h2", { textContent: title }), make("div", { className: "cards" }, ...nodes))
  }

  card(card, group) {
    const node = make("article", { className: "card" },
      make("h3", { textContent: card.name }),
      make("p", { className: "story", textContent: card.story }),
      pictureOf(card.tables),
      make("pre", {}, ...codeLines(card.code.join("\n"))),
      make("ul", { className: "ways" }, ...card.ways.map((way) => make("li", {}, this.way(way, make("strong", { textContent: way.label }), make("span", { textContent: way.told }))))),
      card.others.length ? make("p", { className: "others" }, "Also: ", ...card.others.flatMap((way, position) => [position ? ", " : "", this.way(way, way.label)])) : null)
    node.dataset.name = card.name
    const texts = [...card.ways, ...card.others].flatMap((way) => [way.label, way.told])
    this.cards.push({ node, text: [card.name, card.name.replaceAll("_", " "), card.story, group, ...card.code, ...texts].join(" ").toLowerCase() })
    return node
  }

  /** A link; pressed alone it opens the call on this page. */
  way({ preset, kind, told }, ...children) {
    const link = make("a", { className: `way ${kind}`, href: queryOf(preset, this.large), title: kind === "other" ? told : "" }, ...children)
    link.dataset.preset = preset
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
      event.preventDefault()
      Object.assign(left, { top: this.main()?.scrollTop ?? 0, opened: preset })
      this.requests.ask({ kind: "open", preset })
    })
    return link
  }

  /** Show the cards that have every word that was typed. */
  search() {
    left.text = this.field.value
    const typed = left.text.toLowerCase().split(/\s+/).filter(Boolean)
    this.cards.forEach(({ node, text }) => { node.hidden = !typed.every((word) => text.includes(word)) })
    this.groups.querySelectorAll(".group").forEach((group) => { group.hidden = !group.querySelector(".card:not([hidden])") })
    const shown = this.cards.filter(({ node }) => !node.hidden).length
    const all = this.cards.length
    put(this.count, "textContent", !typed.length ? `${all} functions, each written for one example` : shown ? `${shown} of ${all} functions` : "No function has all of these words.")
  }

  main() {
    return this.root.getRootNode().host?.closest('[data-testid="stMain"]')
  }

  /** Back where somebody was before a call was opened. */
  comeBack() {
    const link = left.opened && this.root.querySelector(`[data-preset="${left.opened}"]`)
    left.opened = null
    const main = this.main()
    if (!link || !main) return
    main.scrollTop = left.top
    link.focus({ preventScroll: true })
  }
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const gallery = (parentElement.vmapdemo ??= new Gallery(parentElement.querySelector(".root")))
  gallery.update(data, setTriggerValue)
  const waiting = requestAnimationFrame(() => gallery.comeBack())
  return () => {
    cancelAnimationFrame(waiting)
    gallery.requests.stop()
    // What is opened begins at its top.
    if (left.opened) gallery.main()?.scrollTo(0, 0)
  }
}
