/** Draws the function and the strategies beside the arrays; on a narrow page both are folded. */
const PAUSE_MS = 1000
const NARROW = "(max-width: 640px)"

function strategyLine(line, focused, ask) {
  const choose = make("button", { type: "button", textContent: line.label })
  choose.setAttribute("role", "radio")
  choose.setAttribute("aria-checked", String(focused))
  choose.dataset.strategy = line.name
  choose.addEventListener("click", () => ask({ kind: "focus", strategy: line.name }))
  const said = make("td", { className: line.says === "agrees" ? "agrees" : "" }, line.says)
  if (line.slow) {
    const run = make("button", { type: "button", className: `st-key-run_${line.name}`, textContent: "Run" })
    run.setAttribute("aria-label", `run ${line.label}`)
    run.addEventListener("click", () => ask({ kind: "run", strategy: line.name }))
    said.append(" ", run)
  }
  return make("tr", {}, make("td", {}, choose), make("td", { textContent: line.gives }), said)
}

function strategyTable(data, ask) {
  const group = make("tbody", {}, ...data.strategies.map((line) => strategyLine(line, line.name === data.focus.name, ask)))
  group.setAttribute("role", "radiogroup")
  group.setAttribute("aria-label", "strategy in focus")
  const head = make("tr", {}, ...["strategy", "result", "against the reference"].map((text) => make("th", { scope: "col", textContent: text })))
  return make("table", { className: "st-key-strategy" }, make("thead", {}, head), group)
}

function strategiesOf(data, ask) {
  if (!data.batched) return [make("p", { textContent: data.told })]
  if (!data.filled) return [make("p", { className: "waits", textContent: "The strategies run when you pause here." })]
  return [
    strategyTable(data, ask),
    make("p", { className: "told", textContent: data.told }),
    make("pre", { className: "focus" }, ...codeLines(data.focus.code)),
    make("pre", { className: "numbers", tabIndex: 0, textContent: data.focus.numbers }),
  ]
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root")
  const kept = (parentElement.vmapdemo ??= { requests: new Requests(), timer: 0, seen: false })
  kept.requests.update(data.confirmed, setTriggerValue)
  const ask = (request) => kept.requests.ask(request)
  if (!kept.code) {
    kept.title = make("summary", {})
    kept.code = make("div", {})
    kept.list = make("div", { className: "st-key-strategies_list" })
    const isOpen = !matchMedia(NARROW).matches
    const folds = [make("details", { open: isOpen }, kept.title, kept.code), make("details", { open: isOpen }, make("summary", { textContent: "Results by strategy" }), kept.list)]
    root.append(...folds)
    kept.observer = new IntersectionObserver((entries) => { kept.seen = entries.at(-1).isIntersecting; wait() })
    kept.observer.observe(kept.list)
  }
  kept.title.replaceChildren(...words(`The function: \`${data.function}\``))
  kept.code.replaceChildren(make("p", { className: "story", textContent: data.story }), make("pre", {}, ...codeLines(data.code)))
  const focused = root.getRootNode().activeElement?.dataset?.strategy
  kept.list.replaceChildren(...strategiesOf(data, ask))
  if (focused) kept.list.querySelector(`[data-strategy="${focused}"]`)?.focus()

  kept.fill = () => ask({ kind: "fill" })
  function wait() {
    clearTimeout(kept.timer)
    if (kept.seen && kept.wanted) kept.timer = setTimeout(() => kept.fill(), PAUSE_MS)
  }
  kept.wanted = data.batched && !data.filled
  wait()
  return () => {
    clearTimeout(kept.timer)
    kept.requests.stop()
  }
}
