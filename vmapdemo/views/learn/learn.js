/** Draws the list of lessons, or one lesson: a question before its answer, the reveal after it, or an exercise. */
const MARKS = { right: "✓", done: "✓", wrong: "✗", unknown: "?", "": "○" }
const UNSURE = "x"
/** What the page says, by name, in the language of its lessons. */
let texts = {}
const say = (name, parts = {}) => texts[name].replace(/\{(\w+)\}/g, (_, part) => parts[part])
const sayState = (state) => say(state || "open")
/** By lesson, how many hints are open: nobody else has to know. */
const opened = (window.vmapdemoHints ??= {})

const paragraph = (className, text) => make("p", { className }, ...words(text))

/** An answer: numbers as code, anything else as a sentence. */
const textOf = (text) => make("span", { className: /^[[(\d-]/.test(text) ? "text numbers" : "text" }, ...words(text))

function button(text, className, press) {
  const node = make("button", { type: "button", className, textContent: text })
  node.addEventListener("click", press)
  return node
}

/** An array as it is drawn elsewhere; `departs` are cells that are not as they should be. */
function gridOf(data, departs = []) {
  const grid = new Grid(data.name)
  grid.entitle(data, data.dtype === "float32" ? "" : data.dtype)
  grid.fill(data)
  departs.forEach((index) => {
    const td = grid.tds.get(index)
    td.classList.add("departs")
    td.append(make("span", { className: "unequal", textContent: "≠", title: say("differs") }))
  })
  const node = make("section", { className: "array" }, grid.head, make("div", { className: "scroll" }, grid.table))
  node.setAttribute("aria-label", data.title)
  return node
}

class Learn {
  constructor(root) {
    this.root = root
    this.requests = new Requests()
  }

  update(data, trigger) {
    this.requests.update(data.confirmed, trigger)
    const { confirmed, said, ...shown } = data
    texts = said
    const drawn = JSON.stringify(shown)
    if (this.drawn === drawn) return
    const place = [data.lesson, data.part, Boolean(data.question?.reveal)].join(" ")
    const moved = this.place !== undefined && this.place !== place
    this.drawn = drawn
    this.place = place
    this.data = data
    const focused = this.root.getRootNode().activeElement?.dataset?.focus
    this.root.replaceChildren(...(data.lessons ? this.course() : this.lesson()))
    if (moved) this.arrive()
    else if (focused) this.root.querySelector(`[data-focus="${focused}"]`)?.focus()
  }

  /** What is new begins at its heading, for the eye and for a screen reader. */
  arrive() {
    const heading = this.root.querySelector("[data-arrive]") ?? this.root.querySelector("h2")
    heading.tabIndex = -1
    if (!heading.dataset.arrive) this.root.getRootNode().host?.closest('[data-testid="stMain"]')?.scrollTo(0, 0)
    heading.focus({ preventScroll: !heading.dataset.arrive })
  }

  go(lesson, part = "question") {
    return this.requests.ask({ kind: "lesson", lesson, part })
  }

  // The list

  course() {
    const { lessons, sentence } = this.data
    const groups = [[say("hour"), lessons.filter((one) => one.in_hour)], [say("then"), lessons.filter((one) => !one.in_hour)]]
    return [
      make("h2", { textContent: say("title") }),
      paragraph("lead", say("lead")),
      ...(sentence ? [make("div", { className: "lines caution", role: "status" }, paragraph("", sentence))] : []),
      ...groups.filter(([, some]) => some.length).map(([title, some]) => make("section", { className: "group" }, make("h3", { textContent: title }), this.list(some))),
      make("p", { className: "told" }, say("group"), " ", make("a", { href: "room", target: "_blank", rel: "noopener", textContent: say("room") })),
    ]
  }

  list(some) {
    return make("ol", { className: "course", start: this.data.lessons.indexOf(some[0]) + 1 }, ...some.map((one) => {
      const open = button("", "line", () => this.go(one.name))
      open.append(make("span", { className: "number", textContent: String(this.data.lessons.indexOf(one) + 1) }), make("span", { className: "name", textContent: one.title }), this.marks(one.steps))
      open.dataset.lesson = one.name
      return make("li", {}, open)
    }))
  }

  marks(steps) {
    return make("span", { className: "marks" }, ...steps.map(({ label, state }) => {
      const mark = make("span", { className: `mark ${state}`, title: `${label}: ${sayState(state)}` }, make("span", { textContent: MARKS[state], ariaHidden: "true" }), make("span", { className: "unseen", textContent: `${label}: ${sayState(state)}. ` }))
      return mark
    }))
  }

  // One lesson

  lesson() {
    const { title, number, count, idea, question, exercise } = this.data
    return [
      make("nav", { className: "top" }, button(say("all"), "plain", () => this.go(null)), make("span", { textContent: say("place", { number, count }) }), this.steps()),
      make("h2", { textContent: title }),
      ...(question ? [paragraph("lead", idea)] : []),
      ...(question ? this.question(question) : this.exercise(exercise)),
    ]
  }

  steps() {
    const { lesson, part, steps } = this.data
    return make("span", { className: "steps" }, ...steps.map((step, position) => {
      const node = button("", `step ${step.state}`, () => this.go(lesson, step.part))
      node.append(make("span", { className: "sign", textContent: step.state ? MARKS[step.state] : String(position + 1), ariaHidden: "true" }), step.label, make("span", { className: "unseen", textContent: `: ${sayState(step.state)}` }))
      if (step.part === part) node.setAttribute("aria-current", "step")
      node.dataset.part = step.part
      return node
    }))
  }

  question(question) {
    const code = make("div", { className: "asked" }, make("pre", { tabIndex: 0, ariaLabel: say("code") }, ...codeLines(`${question.data}\n\n${question.code}`)))
    const side = question.reveal ? this.answered(question) : this.form(question)
    const nodes = [make("div", { className: "panes" }, code, side)]
    return question.reveal ? [...nodes, ...this.reveal(question.reveal)] : nodes
  }

  form(question) {
    const commit = make("button", { type: "submit", className: "primary", textContent: say("commit"), disabled: true })
    const options = [...question.options, { letter: UNSURE, text: say("unsure") }].map((option) => this.option(option, () => { commit.disabled = false }))
    const form = make("form", { className: "options" }, make("fieldset", {}, make("legend", {}, ...words(question.prompt)), ...options), commit)
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      const letter = form.querySelector("input:checked")?.value
      if (letter) this.requests.ask({ kind: "answer", letter })
    })
    return form
  }

  option({ letter, text }, choose) {
    const input = make("input", { type: "radio", name: "option", value: letter })
    input.addEventListener("change", choose)
    const unknown = letter === UNSURE
    const node = make("label", { className: `option${unknown ? " unknown" : ""}` }, input, unknown ? null : make("span", { className: "letter", textContent: letter }), textOf(text))
    return node
  }

  /** The options once more, with the answer that was given and the right one marked by words. */
  answered({ prompt, options, reveal }) {
    const items = options.map(({ letter, text }) => {
      const right = letter === reveal.right.letter
      const given = letter === reveal.given?.letter
      const sign = right ? say("happens") : given ? say("yours") : ""
      return make("li", { className: `option ${right ? "right" : given ? "wrong" : "rest"}` }, make("span", { className: "letter", textContent: letter }), textOf(text), sign ? make("span", { className: "sign", textContent: given && right ? `✓ ${say("yours")}` : `${right ? "✓" : "✗"} ${sign}` }) : null)
    })
    return make("div", { className: "options" }, make("p", { className: "prompt" }, ...words(prompt)), make("ul", {}, ...items))
  }

  reveal({ right, given, why, tables, link, others }) {
    const headline = say(!given ? "gives" : given.right ? "yes" : "expected", { right: right.letter, given: given?.letter })
    const heading = make("h3", { textContent: headline })
    heading.dataset.arrive = "1"
    const isWrong = given && !given.right
    const said = make("div", { className: `lines ${!given ? "answer" : given.right ? "good" : "bad"}` }, heading, ...(isWrong ? [paragraph("", given.reply)] : []), paragraph("", why))
    const both = isWrong && given.table && right.table
    return [
      make("section", { className: "reveal" }, said,
        both ? make("div", { className: "arrays both" }, this.answerTable(say("you-expected"), given.table), this.answerTable(say("it-gives"), right.table)) : null,
        both ? paragraph("told", given.table.departs.length ? say("cells-differ") : say("shapes-differ", { expected: shapeText(given.table.shape), right: shapeText(right.table.shape) })) : null,
        this.picture(tables)),
      ...(others.length ? [this.others(others)] : []),
      this.onward(link),
    ]
  }

  answerTable(title, table) {
    return gridOf({ name: title, title, dtype: "", note: "", axis: null, offends: false, cut: false, ...table }, table.departs)
  }

  picture(tables) {
    const drawn = tables.map((table) => gridOf(table))
    const result = tables.at(-1)?.name === "result" ? drawn.pop() : null
    return make("div", { className: "arrays" }, ...drawn, result && make("div", { className: "outcome" }, make("div", { className: "arrow", textContent: "→", ariaHidden: "true" }), result))
  }

  others(others) {
    const items = others.map(({ idea, holds, text }) => make("details", {}, make("summary", {}, ...words(idea)), paragraph("", holds), make("pre", { textContent: text.replaceAll("`", "") })))
    return make("details", { className: "others" }, make("summary", { textContent: say("others") }), ...items)
  }

  onward(link) {
    const { lesson, part, next, cells } = this.data
    const forward = part === "question" ? button(say("now-try"), "primary", () => this.go(lesson, "try")) : next ? button(say("next"), "primary", () => this.go(next)) : button(say("all"), "primary", () => this.go(null))
    const explore = make("a", { href: `?${link}`, target: "_blank", rel: "noopener", textContent: say("explore") })
    const again = button(say("anew"), "plain", () => this.requests.ask({ kind: "forget" }))
    const notebook = cells.length && part === "question" ? make("p", { className: "told" }, `${say("notebook")} `, ...cells.flatMap(({ preset, title }, position) => [position ? ", " : "", make("a", { href: `?preset=${preset}`, target: "_blank", rel: "noopener", textContent: title.replace("Notebook: ", "") })])) : null
    return make("div", { className: "onward" }, make("div", { className: "row" }, forward, again, explore), notebook)
  }

  exercise({ task, hints, judged }) {
    const { lesson } = this.data
    const shown = Math.min(opened[lesson] ?? 0, hints.length)
    const check = button(say("check"), judged?.done ? "plain" : "primary", () => this.requests.ask({ kind: "check" }))
    check.dataset.focus = "check"
    const more = button(say(shown ? "another-hint" : "hint"), "plain", () => {
      opened[lesson] = shown + 1
      this.drawn = null
      this.update(this.data, this.requests.trigger)
    })
    more.dataset.focus = "hint"
    const said = make("div", { className: "judged" }, judged ? make("div", { className: `lines ${judged.done ? "good" : "caution"}` }, paragraph("", judged.sentence)) : null)
    said.setAttribute("role", "status")
    return [
      make("div", { className: "task" }, paragraph("", task)),
      make("div", { className: "row" }, check, shown < hints.length ? more : null, button(say("again"), judged?.done ? "primary" : "plain", () => this.go(lesson, "again"))),
      said,
      shown ? make("ol", { className: "hints" }, ...hints.slice(0, shown).map((hint) => make("li", {}, ...words(hint)))) : "",
    ]
  }
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const learn = (parentElement.vmapdemo ??= new Learn(parentElement.querySelector(".root")))
  learn.update(data, setTriggerValue)
  return () => learn.requests.stop()
}
