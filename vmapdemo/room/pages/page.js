// What the three pages have in common: texts, elements, asking again and again, a question, and its bars.

export const texts = JSON.parse(document.getElementById("texts").textContent)

/** A text with its places filled: say("{people} here", { people: 3 }). */
export function say(text, values = {}) {
  return text.replace(/{(\w+)}/g, (_, name) => values[name])
}

export function find(selector, within = document) {
  return within.querySelector(selector)
}

/** An element; what stands in it is text or elements, never HTML. */
export function make(tag, properties = {}, ...children) {
  const { dataset = {}, ...others } = properties
  const element = Object.assign(document.createElement(tag), others)
  Object.assign(element.dataset, dataset)
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

/** A text of the lessons, in which code stands between backticks. */
export function words(text) {
  return text.split("`").map((part, place) => (place % 2 ? make("code", { textContent: part }) : part))
}

/** Write a text where it differs, so that a screen reader says only what is new. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Show a text in an element that is hidden without one. */
export function show(element, text) {
  write(element, text ?? "")
  element.hidden = !text
}

/** A store of this tab, which a frame of another site may not have: then it lasts as long as the page. */
export function stored(storage, key) {
  let kept = null
  return {
    read() {
      try {
        return JSON.parse(storage().getItem(key)) ?? kept
      } catch {
        return kept
      }
    },
    write(value) {
      kept = value
      try {
        if (value === null) storage().removeItem(key)
        else storage().setItem(key, JSON.stringify(value))
      } catch {
        // The page goes on without.
      }
    },
  }
}

/** Random bytes as text that may stand in an address and in a header. */
export function secret(bytes = 24) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes))
  return btoa(String.fromCharCode(...drawn)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

/** Send JSON; gives the answer's status and JSON. */
export async function send(address, told, headers = {}) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(told),
    signal: AbortSignal.timeout(10_000),
  })
  return { status: answer.status, told: await told_by(answer) }
}

/** A proxy may answer with a page of its own. */
async function told_by(answer) {
  try {
    return await answer.json()
  } catch {
    return {}
  }
}

const EVERY_MS = 850
const SPREAD_MS = 300
const SLOWEST_MS = 5000

/**
 * Ask for the state about once a second for as long as the page is seen (or always), and at once when it comes back.
 *
 * `take(state)` is given what is new; `refused(status, told)` what is no state; `silent()` is called when the server
 * does not answer for a second time, and `back()` when it answers again. Gives a function that asks at once.
 */
export function follow(address, { headers = () => ({}), take, refused, silent, back, always = false }) {
  let tag = null
  let failed = 0
  let timer = null
  let asking = false

  async function ask() {
    clearTimeout(timer)
    if (asking) return
    asking = true
    try {
      const known = tag === null ? {} : { "If-None-Match": tag }
      const answer = await fetch(address, { headers: { ...headers(), ...known }, signal: AbortSignal.timeout(10_000) })
      const is_heard = answer.status < 500 && answer.status !== 429
      if (failed > 0 && is_heard) back?.()
      failed = is_heard ? 0 : failed + 1
      if (answer.status === 200) {
        const state = await answer.json()
        tag = answer.headers.get("ETag")
        take(state)
      } else if (answer.status !== 304) {
        tag = null
        await refused(answer.status, await told_by(answer))
      }
    } catch (error) {
      if (error instanceof TypeError || error.name === "TimeoutError" || error.name === "AbortError") failed += 1
      else throw error
    } finally {
      asking = false
      if (failed > 1) silent()
      const wait = Math.min(EVERY_MS * 1.5 ** failed, SLOWEST_MS)
      if (always || !document.hidden) timer = setTimeout(ask, wait + SPREAD_MS * Math.random())
    }
  }

  document.addEventListener("visibilitychange", () => document.hidden || ask())
  addEventListener("online", ask)
  addEventListener("pageshow", ask)
  ask()
  return {
    ask,
    /** What is drawn is no longer what was given: give it again. */
    forget() {
      tag = null
    },
  }
}

/** The arrays and the call of a question, as Python. */
export function code(question) {
  return make(
    "div",
    { className: "python" },
    question.data ? make("pre", { textContent: question.data }) : null,
    make("pre", { className: "call", textContent: question.code }),
  )
}

export const VOTES = ["first", "second", "twin"]

/** The options, with the bars of each vote beside them once there are some; `right`, `ideas` where they are told. */
export function answers(options, { bars = {}, right = null, ideas = null, few = texts.bars.few } = {}) {
  const votes = VOTES.filter((vote) => bars[vote])
  const counted = votes.filter((vote) => bars[vote].people)
  const head = [texts.bars.option, texts.bars.text, ...counted.map((vote) => texts.bars[vote])]
  if (ideas) head.splice(2, 0, ideas)
  const table = make(
    "table",
    // On a narrow desk it is laid out as a list, and would be none to a screen reader.
    { className: "answers", role: "table" },
    make("caption", { className: "unseen", textContent: texts.bars.caption }),
    make("thead", { className: counted.length || ideas ? "" : "unseen" }, head_row(head)),
    make("tbody", {}, ...options.map((option) => answer(option, counted, bars, right, ideas))),
  )
  const scarce = votes.length > counted.length ? make("p", { className: "quiet", textContent: few }) : null
  return make("div", {}, table, scarce)
}

function head_row(cells) {
  return make("tr", { role: "row" }, ...cells.map((text) => make("th", { textContent: text, scope: "col", role: "columnheader" })))
}

function answer(option, counted, bars, right, ideas) {
  const is_right = option.letter === right
  const mark = is_right ? make("span", { className: "mark", textContent: `✓ ${texts.bars.right}` }) : null
  return make(
    "tr",
    { className: is_right ? "right" : "", role: "row" },
    make("th", { scope: "row", role: "rowheader" }, make("span", { className: "letter", textContent: option.letter })),
    make("td", { className: "text", role: "cell" }, worded(option), mark),
    ideas ? make("td", { className: "idea", role: "cell" }, ...words(option.idea ?? ""), option.ask ? make("p", { className: "ask" }, ...words(option.ask)) : null) : null,
    ...counted.map((vote) => bar(bars[vote].people[option.letter], bars[vote].total, vote)),
  )
}

/** What an option says; one without a text is that one does not know. */
export function worded(option) {
  return option.text ? make("span", { className: "mono" }, ...words(option.text)) : make("span", { textContent: texts.unsure })
}

function bar(people, total, vote) {
  const filled = make("span", { className: "fill" })
  filled.style.width = `${total ? (100 * people) / total : 0}%`
  const track = make("span", { className: "track" }, filled)
  const number = make("span", { className: "number", textContent: people })
  return make("td", { className: "bar", role: "cell", dataset: { vote, name: texts.bars[vote] } }, number, track)
}
