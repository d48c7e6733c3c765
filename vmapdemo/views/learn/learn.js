/** Draws the list of lessons, or one lesson: a question before its answer, the reveal after it, or an exercise. */
const MARKS = { right: "✓", done: "✓", wrong: "✗", unknown: "?", "": "○" }
const SAYS = { right: "right", done: "done", wrong: "not right", unknown: "not known", "": "open" }
const DONT_KNOW = { letter: "x", text: "I don't know" }
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
    td.append(make("span", { className: "unequal", textContent: "≠", title: "differs" }))
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
    const { confirmed, ...shown } = data
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
    const groups = [["An hour", lessons.filter((one) => one.in_hour)], ["And then", lessons.filter((one) => !one.in_hour)]]
    return [
      make("h2", { textContent: "Learn vmap" }),
      paragraph("lead", "Each lesson asks what a call gives before it shows it. Say what you expect first: a wrong guess is what makes the answer stick. Your answers are kept in the address of this page and nowhere else."),
      ...(sentence ? [make("div", { className: "lines caution", role: "status" }, paragraph("", sentence))] : []),
      ...groups.filter(([, some]) => some.length).map(([title, some]) => make("section", { className: "group" }, make("h3", { textContent: title }), this.list(some))),
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
      const mark = make("span", { className: `mark ${state}`, title: `${label}: ${SAYS[state]}` }, make("span", { textContent: MARKS[state], ariaHidden: "true" }), make("span", { className: "unseen", textContent: `${label}: ${SAYS[state]}. ` }))
      return mark
    }))
  }

  // One lesson

  lesson() {
    const { title, number, count, idea, question, exercise } = this.data
    return [
      make("nav", { className: "top" }, button("All lessons", "plain", () => this.go(null)), make("span", { textContent: `Lesson ${number} of ${count}` }), this.steps()),
      make("h2", { textContent: title }),
      ...(question ? [paragraph("lead", idea)] : []),
      ...(question ? this.question(question) : this.exercise(exercise)),
    ]
  }

  steps() {
    const { lesson, part, steps } = this.data
    return make("span", { className: "steps" }, ...steps.map((step, position) => {
      const node = button("", `step ${step.state}`, () => this.go(lesson, step.part))
      node.append(make("span", { className: "sign", textContent: step.state ? MARKS[step.state] : String(position + 1), ariaHidden: "true" }), step.label, make("span", { className: "unseen", textContent: `: ${SAYS[step.state]}` }))
      if (step.part === part) node.setAttribute("aria-current", "step")
      node.dataset.part = step.part
      return node
    }))
  }

  question(question) {
    const code = make("div", { className: "asked" }, make("pre", { tabIndex: 0, ariaLabel: "the data and the call" }, ...codeLines(`${question.data}\n\n${question.code}`)))
    const side = question.reveal ? this.answered(question) : this.form(question)
    const nodes = [make("div", { className: "panes" }, code, side)]
    return question.reveal ? [...nodes, ...this.reveal(question.reveal)] : nodes
  }

  form(question) {
    const commit = make("button", { type: "submit", className: "primary", textContent: "That is my answer", disabled: true })
    const options = [...question.options, DONT_KNOW].map((option) => this.option(option, () => { commit.disabled = false }))
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
    const unknown = letter === DONT_KNOW.letter
    const node = make("label", { className: `option${unknown ? " unknown" : ""}` }, input, unknown ? null : make("span", { className: "letter", textContent: letter }), textOf(text))
    return node
  }

  /** The options once more, with the answer that was given and the right one marked by words. */
  answered({ prompt, options, reveal }) {
    const items = options.map(({ letter, text }) => {
      const right = letter === reveal.right.letter
      const given = letter === reveal.given?.letter
      const sign = right ? "what happens" : given ? "your answer" : ""
      return make("li", { className: `option ${right ? "right" : given ? "wrong" : "rest"}` }, make("span", { className: "letter", textContent: letter }), textOf(text), sign ? make("span", { className: "sign", textContent: given && right ? "✓ your answer" : `${right ? "✓" : "✗"} ${sign}` }) : null)
    })
    return make("div", { className: "options" }, make("p", { className: "prompt" }, ...words(prompt)), make("ul", {}, ...items))
  }

  reveal({ right, given, why, tables, link, others }) {
    const headline = !given ? `It gives ${right.letter}.` : given.right ? `Yes, ${right.letter}.` : `You expected ${given.letter}; what happens is ${right.letter}.`
    const heading = make("h3", { textContent: headline })
    heading.dataset.arrive = "1"
    const isWrong = given && !given.right
    const said = make("div", { className: `lines ${!given ? "answer" : given.right ? "good" : "bad"}` }, heading, ...(isWrong ? [paragraph("", given.reply)] : []), paragraph("", why))
    const both = isWrong && given.table && right.table
    return [
      make("section", { className: "reveal" }, said,
        both ? make("div", { className: "arrays both" }, this.answerTable("you expected", given.table), this.answerTable("it gives", right.table)) : null,
        both ? paragraph("told", given.table.departs.length ? "≠ marks the cells that differ." : `The shapes differ: ${shapeText(given.table.shape)} and ${shapeText(right.table.shape)}.`) : null,
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
    return make("details", { className: "others" }, make("summary", { textContent: "What would somebody else have expected?" }), ...items)
  }

  onward(link) {
    const { lesson, part, next, cells } = this.data
    const forward = part === "question" ? button("Now try it", "primary", () => this.go(lesson, "try")) : next ? button("Next lesson", "primary", () => this.go(next)) : button("All lessons", "primary", () => this.go(null))
    const explore = make("a", { href: `?${link}`, target: "_blank", rel: "noopener", textContent: "Open this call in Explore" })
    const again = button("Answer again", "plain", () => this.requests.ask({ kind: "forget" }))
    const notebook = cells.length && part === "question" ? make("p", { className: "told" }, "In the notebook: ", ...cells.flatMap(({ preset, title }, position) => [position ? ", " : "", make("a", { href: `?preset=${preset}`, target: "_blank", rel: "noopener", textContent: title.replace("Notebook: ", "") })])) : null
    return make("div", { className: "onward" }, make("div", { className: "row" }, forward, again, explore), notebook)
  }

  exercise({ task, hints, judged }) {
    const { lesson } = this.data
    const shown = Math.min(opened[lesson] ?? 0, hints.length)
    const check = button("Check", "primary", () => this.requests.ask({ kind: "check" }))
    check.dataset.focus = "check"
    const more = button(shown ? "Another hint" : "A hint", "plain", () => {
      opened[lesson] = shown + 1
      this.drawn = null
      this.update(this.data, this.requests.trigger)
    })
    more.dataset.focus = "hint"
    const said = make("div", { className: "judged" }, judged ? make("div", { className: `lines ${judged.done ? "good" : "caution"}` }, paragraph("", judged.sentence)) : null)
    said.setAttribute("role", "status")
    return [
      make("div", { className: "task" }, paragraph("", task)),
      make("div", { className: "row" }, check, shown < hints.length ? more : null, button("Once more", judged?.done ? "primary" : "plain", () => this.go(lesson, "again"))),
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
