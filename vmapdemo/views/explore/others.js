/** Draws what people with wrong ideas expect of the call; asked for when the fold is open and nobody edits. */
const PAUSE_MS = 600

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root")
  const kept = (parentElement.vmapdemo ??= { requests: new Requests(), timer: 0 })
  kept.requests.update(data.confirmed, setTriggerValue)
  if (!kept.fold) {
    kept.list = make("div", {})
    kept.fold = make("details", {}, make("summary", { textContent: "What would somebody else expect of this call?" }), kept.list)
    root.append(kept.fold)
    kept.fold.addEventListener("toggle", () => kept.wait())
  }
  kept.wait = () => {
    clearTimeout(kept.timer)
    if (kept.fold.open && data.others === null) kept.timer = setTimeout(() => kept.requests.ask({ kind: "expect" }), PAUSE_MS)
  }
  const drawn = JSON.stringify(data.others)
  if (kept.drawn !== drawn && data.others !== null) {
    const rows = data.others.map(({ idea, holds, text }) => make("div", { className: "other" }, make("p", { className: "idea" }, ...words(idea)), make("p", { className: "holds" }, ...words(holds)), make("p", { className: /^[[(\d-]/.test(text) ? "numbers" : "" }, ...words(text))))
    kept.list.replaceChildren(...(rows.length ? rows : [make("p", { textContent: "Nobody whom we know of would expect anything else." })]))
  }
  kept.drawn = drawn
  root.classList.toggle("stale", data.others === null)
  kept.wait()
  return () => {
    clearTimeout(kept.timer)
    kept.requests.stop()
  }
}
