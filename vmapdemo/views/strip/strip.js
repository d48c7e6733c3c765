/** Draws the call with fields for its axes, and the verdict; keeps the address bar in step with the server's state. */
const page = (window.vmapdemo ??= { step: null, wentAt: null })
const PATIENCE_MS = 3000

/** What the address says, without what belongs to the page around an embedded one. */
function addressNow() {
  const pairs = [...new URLSearchParams(location.search)]
  const isEmbedding = ([name]) => name === "embed" || name === "embed_options"
  return { embedding: pairs.filter(isEmbedding), query: new URLSearchParams(pairs.filter((pair) => !isEmbedding(pair))) }
}

/**
 * Write the address: a step of the history, or in place of the last entry if the step is the same. After Back or Forward
 * the server's last words about the state before are not written over the entry that somebody has just gone to.
 */
function writeAddress({ query, step }) {
  const { embedding, query: shown } = addressNow()
  const isThere = shown.toString() === new URLSearchParams(query).toString()
  if (!isThere && page.wentAt && Date.now() - page.wentAt < PATIENCE_MS) return
  const isStep = page.step !== null && page.step !== step
  Object.assign(page, { step, wentAt: null })
  if (isThere) return
  const search = embedding.length ? `${query}&${new URLSearchParams(embedding)}` : query
  history[isStep ? "pushState" : "replaceState"](history.state, "", `${location.pathname}?${search}`)
}

/** Write the address, and remember when somebody goes back or forward; gives the function that ends it. */
function followAddress(address) {
  writeAddress(address)
  const leaving = new AbortController()
  window.addEventListener("popstate", () => { page.wentAt = Date.now() }, { signal: leaving.signal })
  return () => leaving.abort()
}

function caution({ headline, text }) {
  return make("div", { className: "lines caution" }, make("p", { className: "headline" }, headline), make("p", {}, ...words(text)))
}

/** The line of the call, made once: fields that somebody types in are never replaced. */
class Call {
  constructor(ask) {
    this.ask = ask
    this.before = make("span")
    this.after = make("span")
    this.fields = {}
    this.inner = make("span", { hidden: true })
    this.innerOptions = make("span")
    this.outer = make("span")
    this.switch = make("input", { type: "checkbox" })
    this.switch.addEventListener("change", () => ask({ kind: "batched", batched: this.switch.checked }))
    this.nested = make("input", { type: "checkbox" })
    this.nested.addEventListener("change", () => ask({ kind: "nested", nested: this.nested.checked }))
    this.label = make("label", { title: "Off: the function is called once, on the whole arrays." }, this.switch, " vmap")
    this.within = make("label", { title: "On: a vmap inside the vmap, for another axis." }, this.nested, " nested")
    this.spec = make("span", { className: "spec", hidden: true })
    this.line = make("code", { className: "call" }, this.before, this.inner, this.outer, this.after, this.spec, make("span", { className: "switches" }, this.label, this.within))
    this.notices = make("div")
    this.node = make("div", {}, this.line, this.notices)
  }

  field(place) {
    const input = make("input", { type: "text", spellcheck: false, autocomplete: "off" })
    const [, within, argument] = place.match(/^(inner_)?(.*)$/)
    input.setAttribute("aria-label", within ? `${argument} of the inner vmap` : argument)
    const commit = () => {
      if (input.value === this.shown[place]) return
      this.shown[place] = input.value
      this.ask({ kind: "typed", place, text: input.value })
    }
    input.addEventListener("change", commit)
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") commit()
      if (event.key === "Escape") input.value = this.shown[place]
      event.stopPropagation()
    })
    return { input, node: make("span", { className: `st-key-${place}` }, make("span", { className: "label" }, `${argument}=`), input) }
  }

  update(data) {
    this.shown ??= {}
    data.axes.filter(({ place }) => !this.fields[place]).forEach(({ place }) => {
      this.fields[place] = this.field(place)
      const [among, last] = place.startsWith("inner_") ? [this.inner, this.innerOptions] : [this.outer, ""]
      if (among.childNodes.length) among.append(", ", this.fields[place].node, last)
      else among.append(this.fields[place].node)
    })
    const nested = data.batched && data.nested
    this.inner.hidden = !nested
    put(this.innerOptions, "textContent", `${data.inner_options}), `)
    put(this.before, "textContent", data.batched ? `jax.vmap(${nested ? "jax.vmap(" : ""}${data.function}, ` : `${data.function}(${data.passed})  # without vmap; `)
    put(this.after, "textContent", data.batched ? `${data.options})(${data.passed})` : "")
    put(this.switch, "checked", data.batched)
    put(this.nested, "checked", nested)
    this.within.hidden = !data.batched
    this.spec.hidden = !data.spec
    if (data.spec && !this.fields.spec) {
      this.fields.spec = this.field("spec")
      this.spec.append("  # ", this.fields.spec.node)
    }
    const texts = data.spec ? [...data.axes, data.spec] : data.axes
    texts.forEach(({ place, text, sentence }) => {
      const { input } = this.fields[place]
      input.maxLength = data.most
      // What is being typed just now is left alone, unless the text that it began from has changed under it.
      if (this.shown[place] !== text) put(input, "value", text)
      this.shown[place] = text
      input.size = Math.min(Math.max(text.length, 2), 40)
      input.setAttribute("aria-invalid", String(Boolean(sentence)))
    })
    const refused = texts.filter(({ sentence }) => sentence)
    this.notices.replaceChildren(...refused.map(({ place, sentence }) => {
      const said = [make("p", { className: "headline" }, ...words(`\`${place.replace("inner_", "")}\` is not changed.`)), make("p", { textContent: sentence })]
      return make("div", { className: `lines caution st-key-notice_${place}`, role: "alert" }, ...said)
    }))
  }
}

function fixCard(fix, number, ask) {
  const apply = fix.axes && make("button", { type: "button", className: "primary", textContent: "Apply" })
  apply?.addEventListener("click", () => ask({ kind: "axes", ...fix.axes }))
  const code = make("pre", {}, ...codeLines(fix.code))
  const card = make("div", { className: `fix st-key-fix_${number}` }, make("p", {}, ...words(fix.why)), make("div", { className: "row" }, code, apply))
  return card
}

function verdict({ kind, headline, lines, cautions, fixes }, ask) {
  const said = make("div", { className: `lines ${kind}`, role: "status" }, make("p", { className: "headline" }, ...words(headline)), ...lines.map((line) => make("p", {}, ...words(line))))
  const cards = fixes.map((fix, number) => fixCard(fix, number, ask))
  const more = cards.length > 1 && make("button", { type: "button", className: "more", textContent: cards.length > 2 ? `${cards.length - 1} other ways` : "Another way" })
  const all = make("div", { className: "fixes" }, ...cards, more || null)
  more && more.addEventListener("click", () => all.classList.add("open"))
  return [said, ...cautions.map(caution), ...(cards.length ? [all] : [])]
}

/** What gets the focus is scrolled to below the strip, not under it. Nothing while the strip is on no page yet. */
function keepClear(root) {
  const strip = root.getRootNode().host.closest(".st-key-strip")
  const main = strip?.closest('[data-testid="stMain"]')
  if (!main) return null
  const observer = new ResizeObserver(() => { main.style.scrollPaddingTop = `${strip.offsetHeight}px` })
  observer.observe(strip)
  return observer
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root")
  const stop = data.address ? followAddress(data.address) : () => {}
  root.hidden = !data.verdict && !data.cautions.length
  if (!data.verdict) {
    parentElement.vmapdemo?.requests.stop()
    delete parentElement.vmapdemo
    root.replaceChildren(...data.cautions.map(caution))
    return stop
  }
  const kept = (parentElement.vmapdemo ??= {})
  if (!kept.requests) {
    kept.requests = new Requests()
    kept.ask = (request) => kept.requests.ask(request)
    kept.call = new Call(kept.ask)
    kept.hint = make("p", { className: "hint" })
    kept.verdict = make("div", { className: "st-key-verdict" })
    root.append(kept.hint, kept.call.node, kept.verdict)
  }
  kept.clear ??= keepClear(root)
  kept.requests.update(data.confirmed, setTriggerValue)
  kept.call.update(data)
  kept.hint.hidden = !data.hint
  kept.hint.replaceChildren(...words(data.hint))
  const drawn = JSON.stringify(data.verdict)
  if (kept.drawn !== drawn) kept.verdict.replaceChildren(...verdict(data.verdict, kept.ask))
  kept.drawn = drawn

  return () => {
    stop()
    kept.requests.stop()
  }
}
