// A person's page: a tap is the vote. It remembers what it has sent, and sends it again if the server has lost it.

import { answers, code, find, follow, make, say, secret, send, show, stored, texts, worded, words, write } from "./page.js"

const said = texts.participant
const room = document.body.dataset.code
document.title = say(said.title, { code: room })

const token = stored(() => sessionStorage, `room-${room}-token`)
const own = stored(() => sessionStorage, `room-${room}-votes`)
let state = null
let drawn = null
let unsent = null
let missed = null
let sending = false

function headers() {
  const mark = token.read()
  return mark === null ? {} : { "X-Room-Token": mark }
}

const following = follow(`${room}/state`, {
  headers,
  take,
  refused(status, told) {
    // Here no cookie is taken.
    if (told.reason === "no-token") {
      token.write(secret())
      following.ask()
    } else if (status === 404) trouble(say(said["no-room"], { code: room }), true)
    else trouble(told.sentence ?? said["no-answer"])
  },
  silent: () => trouble(navigator.onLine ? said["no-answer"] : said.offline),
  back: () => trouble(null),
})

function trouble(sentence, is_elsewhere = false) {
  const place = find("#trouble")
  show(place, sentence)
  if (is_elsewhere) place.append(" ", make("a", { href: "./", textContent: said.other }))
}

// The vote

function votes() {
  return own.read() ?? {}
}

function remember(ballot, letter) {
  // Those of this lesson are enough.
  const run = ballot.split(".")[0]
  const kept = Object.entries(votes()).filter(([name]) => name.split(".")[0] === run)
  own.write({ ...Object.fromEntries(kept), [ballot]: letter })
}

function choose(letter) {
  if (state.ballot === null) return
  unsent = { ballot: state.ballot, letter }
  draw_recorded()
  deliver()
}

/** Send the latest choice, one at a time, so that an earlier one never comes after it. */
async function deliver() {
  if (sending) return
  sending = true
  try {
    while (unsent) {
      const vote = unsent
      const { status, told } = await send(`${room}/vote`, vote, headers())
      if (status === 404 || status >= 500 || status === 429) break
      if (unsent === vote) unsent = null
      if (status === 200) {
        remember(vote.ballot, vote.letter)
        take(told)
      } else {
        missed = { ballot: vote.ballot, sentence: told.sentence }
        following.ask()
      }
    }
  } catch (error) {
    if (!(error instanceof TypeError) && error.name !== "TimeoutError") throw error
  } finally {
    sending = false
  }
}

// What is drawn

function take(next) {
  const before = state
  state = next
  trouble(null)
  if (unsent && unsent.ballot !== state.ballot) {
    missed = { ballot: unsent.ballot, sentence: texts.refused.closed }
    unsent = null
  }
  if (missed && (state.ballot || missed.ballot.split(".")[0] !== String(state.run))) missed = null
  const mine = votes()[state.ballot]
  if (state.ballot && !state.mine && mine && !unsent) unsent = { ballot: state.ballot, letter: mine }
  else if (state.mine && !unsent) remember(state.ballot, state.mine)
  if (unsent) deliver()
  draw(before)
}

function draw(before) {
  write(find("#lesson"), state.phase === "lobby" ? "" : say(said.lesson, state.lesson))
  find("#rehearsal").hidden = !state.rehearsal
  const [headline, prompt] = said.phases[state.phase]
  write(find("#phase h1"), headline)
  write(find("#phase p"), prompt)
  draw_question(before !== null)
  draw_recorded()
  draw_more()
}

function draw_question(is_later) {
  const place = find("#question")
  const { question, run } = state
  place.hidden = question === null
  const name = question && `${run}.${question.name}`
  if (name !== drawn) {
    place.replaceChildren(...(question ? asked(question) : []))
    // A new question is where one wants to be; anything else leaves the focus where it is.
    if (question && is_later) find("h2", place).focus({ preventScroll: true })
    if (is_later) scrollTo({ top: 0 })
    drawn = name
  }
  const chosen = current()
  for (const radio of place.querySelectorAll("input")) {
    radio.disabled = state.ballot === null
    radio.checked = radio.value === chosen
    const label = radio.closest("label")
    label.classList.toggle("right", radio.value === state.right)
    show(find(".mark", label), radio.value === state.right ? `✓ ${texts.bars.right}` : null)
  }
}

function asked(question) {
  const options = question.options.map((option) => {
    const radio = make("input", { type: "radio", name: "answer", value: option.letter })
    radio.addEventListener("change", () => choose(option.letter))
    const mark = make("span", { className: "mark", hidden: true })
    const letter = make("span", { className: "letter", textContent: option.letter })
    return make("label", {}, radio, letter, worded(option), mark)
  })
  const legend = make("legend", { className: "unseen", textContent: said.options })
  return [
    make("h2", { tabIndex: -1 }, ...words(question.prompt)),
    code(question),
    make("fieldset", {}, legend, ...options),
  ]
}

/** The answer that is shown as chosen: in the open vote, or the last one to the question that is seen. */
function current() {
  if (state.question === null) return null
  if (state.ballot) return unsent?.letter ?? votes()[state.ballot] ?? null
  const [first, second, twin] = mine()
  return state.phase.startsWith("twin") ? twin : (second ?? first)
}

function mine() {
  return ["first", "second", "twin"].map((vote) => votes()[`${state.run}.${vote}`] ?? null)
}

function draw_recorded() {
  // Never hidden, only empty: a screen reader says what comes to stand in it.
  write(find("#recorded"), recorded(current()) ?? "")
}

function recorded(chosen) {
  if (state.question === null) return null
  if (state.ballot === null) return missed?.sentence ?? looked_back(chosen)
  if (!chosen) return null
  const is_recorded = state.mine === chosen && !unsent
  return say(is_recorded ? said.recorded : said.sending, { letter: named(chosen) })
}

function looked_back(chosen) {
  const [first, second] = mine()
  if (!chosen) return said.none
  const is_right = state.right && chosen === state.right ? ` ${said["you-right"]}` : ""
  const both = !state.phase.startsWith("twin") && first && second && first !== second
  return (both ? say(said["yours-both"], { first: named(first), second: named(second) }) : say(said.yours, { letter: named(chosen) })) + is_right
}

/** A letter, or in words that one does not know. */
function named(letter) {
  return letter === "?" ? `“${texts.unsure}”` : letter
}

function draw_more() {
  const parts = []
  if (state.hint) parts.push(make("p", { className: "card" }, ...words(state.hint)))
  if (state.right) parts.push(...answered())
  if (state.bars && Object.keys(state.bars).length) {
    parts.push(answers(state.question.options, { bars: state.bars, right: state.right ?? null }))
  }
  if (state.exercise) parts.push(...exercise())
  const place = find("#more")
  const focused = place.contains(document.activeElement) ? document.activeElement.id : null
  const open = [...place.querySelectorAll("details")].map((details) => details.open)
  place.replaceChildren(...parts)
  place.querySelectorAll("details").forEach((details, number) => (details.open = open[number] ?? false))
  if (focused) document.getElementById(focused)?.focus()
}

function answered() {
  const chosen = current()
  const reply = chosen && chosen !== state.right ? state.replies[chosen] : null
  return [
    reply ? told(say(said.reply, { letter: chosen }), reply) : null,
    told(say(said.right, { letter: state.right }), state.replies[state.right]),
    told(said.why, state.why),
    state.link ? make("p", {}, link(state.link, said["open-call"])) : null,
  ].filter(Boolean)
}

function told(headline, text) {
  if (!text) return null
  return make("div", { className: "card" }, make("h3", { textContent: headline }), make("p", {}, ...words(text)))
}

/** A link of the course is the page's query; the page is one level up. */
function link(query, text) {
  const address = new URL(query.replace(/^\/?\??/, "?"), new URL("../", document.baseURI))
  return make("a", { className: "button", href: address, target: "_blank", rel: "noopener", textContent: text })
}

function exercise() {
  const hints = state.hints.map((hint, number) =>
    make(
      "details",
      {},
      make("summary", { textContent: say(said.hint, { number: number + 1 }) }),
      make("p", {}, ...words(hint)),
    ),
  )
  const flags = ["done", "stuck"].map((flag) => {
    const button = make("button", { id: `flag-${flag}`, textContent: said[flag] })
    button.setAttribute("aria-pressed", state.flag === flag)
    button.addEventListener("click", () => raise(state.flag === flag ? null : flag))
    return button
  })
  return [
    make("p", { className: "card" }, ...words(state.exercise.task)),
    state.exercise.link ? make("p", {}, link(state.exercise.link, said["open-exercise"])) : null,
    ...hints,
    make("div", { className: "row", role: "group", ariaLabel: said.flags }, ...flags),
    make("p", { className: "quiet", textContent: said.flagged }),
  ].filter(Boolean)
}

async function raise(flag) {
  try {
    const { status, told } = await send(`${room}/flag`, { run: state.run, flag }, headers())
    if (status === 200) take(told)
    else trouble(told.sentence ?? said["no-answer"])
  } catch (error) {
    if (!(error instanceof TypeError) && error.name !== "TimeoutError") throw error
    trouble(said["no-answer"])
  }
}
