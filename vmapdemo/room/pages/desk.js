// The leader's desk. Its address is desk#CODE.SECRET: the part after # is never sent as an address, nor logged.

import { answers, find, follow, make, say, secret, send, show, stored, texts, words, write } from "./page.js"

const said = texts.desk
let [code, key] = location.hash.slice(1).split(".")
let state = null
let memory = null
let following = null
let acting = false

addEventListener("hashchange", () => location.reload())
if (code && key) lead()
else find("#open").addEventListener("click", open_new)

async function open_new() {
  const drawn = secret()
  try {
    const { status, told } = await send("open", {}, { "X-Room-Secret": drawn })
    if (status !== 200) return write(find("#door .trouble"), told.sentence ?? said["no-answer"])
    ;[code, key] = [told.code, drawn]
    history.replaceState(null, "", `desk#${code}.${key}`)
    lead()
  } catch (error) {
    if (!(error instanceof TypeError) && error.name !== "TimeoutError") throw error
    write(find("#door .trouble"), said["no-answer"])
  }
}

function headers() {
  return { "X-Room-Secret": key }
}

function lead() {
  find("#door").hidden = true
  find("#desk").hidden = false
  document.title = say(said["desk-of"], { code })
  write(find("header h1"), document.title)
  find("#qr").src = `${code}/qr.svg`
  memory = stored(() => localStorage, `room-${code}`)
  following = follow(`${code}/desk/state`, {
    headers,
    take,
    refused,
    silent: () => trouble(said["no-answer"]),
    back: () => trouble(null),
    // Also behind other tabs: it is this page that opens the room again.
    always: true,
  })
}

/** The server was started anew: open the room again where it was. */
async function refused(status, told) {
  if (status !== 404 || state?.phase === "over") return trouble(told.sentence ?? said["no-answer"])
  const opened = await send(`${code}/open`, { memory: memory.read() }, headers())
  if (opened.status === 200) following.ask()
  else trouble(opened.told.sentence ?? said["no-answer"])
}

function trouble(sentence) {
  show(find("#trouble"), sentence)
}

async function act(name, lesson = null) {
  // One at a time; a second press was meant for what the first has made.
  if (acting || state === null) return
  acting = true
  try {
    const { status, told } = await send(`${code}/act`, { act: name, lesson, version: state.version }, headers())
    following.forget()
    // What was refused is said until something is done.
    trouble(status === 200 ? null : (told.sentence ?? said["no-answer"]))
    if (status === 200) take(told)
    else following.ask()
  } catch (error) {
    if (!(error instanceof TypeError) && error.name !== "TimeoutError") throw error
    trouble(said["no-answer"])
  } finally {
    acting = false
  }
}

document.addEventListener("keydown", (event) => {
  if (state === null || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return
  const is_other_control = event.target.closest("button:not(#next), a, summary, input")
  if (event.key === " " && !is_other_control) {
    event.preventDefault()
    if (state.steps.length) act(state.steps[0])
  } else if (event.key.toLowerCase() === "b") act("blank")
})
// Space on the button itself is a click as well, which would be a second act.
find("#next").addEventListener("keyup", (event) => event.key === " " && event.preventDefault())
find("#next").addEventListener("click", () => act(state.steps[0]))
find("#csv").addEventListener("click", save)
find("#end").addEventListener("click", () => ask_really(true))
find("#no").addEventListener("click", () => ask_really(false))
find("#yes").addEventListener("click", () => act("end"))

function ask_really(is_asked) {
  find("#really").hidden = !is_asked
  find("#end").hidden = is_asked
  find(is_asked ? "#no" : "#end").focus()
}

async function save() {
  const answer = await fetch(`${code}/counts.csv`, { headers: headers() })
  if (!answer.ok) return trouble(said["no-answer"])
  const address = URL.createObjectURL(await answer.blob())
  make("a", { href: address, download: `room-${code}.csv` }).click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

// What is drawn

function take(next) {
  state = next
  memory.write(state.phase === "over" ? null : state.memory)
  draw()
}

function draw() {
  document.body.dataset.phase = state.phase
  const is_over = state.phase === "over"
  write(find("#attendance"), say(state.ballot ? said.answered : said.here, state))
  write(find("#minutes"), say(said.minutes, state.minutes))
  find("#rehearsal").hidden = !state.rehearsal
  write(find("#lesson"), state.phase === "lobby" || is_over ? "" : `${say(texts.participant.lesson, state.lesson)}: ${state.lesson.title}`)
  write(find("#phase"), is_over ? said.over : said.phases[state.phase])
  show(find("#advice"), state.advice ? [share(), said.advice[state.advice]].filter(Boolean).join(". ") : null)
  const [first, ...others] = state.steps
  find("#next").hidden = first === undefined
  if (first) write(find("#next"), name_of(first))
  const further = ["back", "show-few"].filter((name) => state.legal.includes(name))
  buttons(find("#others"), [...others, ...further, ...(state.legal.includes("blank") ? ["blank"] : [])])
  draw_votes()
  draw_lessons()
  draw_links()
  buttons(find("#rehearse"), ["rehearse", "stop-rehearsing"].filter((name) => state.legal.includes(name)))
  if (is_over) finish()
}

function finish() {
  find("#desk aside").hidden = true
  find(".keys").hidden = true
  find("#others").replaceChildren(make("a", { className: "button", href: "desk", textContent: said.again }))
}

function name_of(step) {
  if (step === "bars" && state.ballot) return said.acts["close-bars"]
  if (step === "blank" && state.blank) return said.acts.unblank
  return said.acts[step]
}

/** Buttons for acts; those that stay keep their place and the focus. */
function buttons(place, names) {
  const wanted = names.map((name) => `${name}: ${name_of(name)}`).join()
  if (place.dataset.acts === wanted) return
  place.dataset.acts = wanted
  const has_focus = place.contains(document.activeElement)
  place.replaceChildren(
    ...names.map((name) => {
      const button = make("button", { textContent: name_of(name), dataset: { act: name } })
      button.addEventListener("click", () => act(name))
      return button
    }),
  )
  if (has_focus) find("#next").focus()
}

function share() {
  return state.share === null ? null : say(said.share, { share: state.share })
}

function draw_votes() {
  const place = find("#votes")
  const parts = []
  if (state.phase === "lobby") parts.push(make("p", { textContent: said.intro }))
  if (state.question) {
    parts.push(make("h2", {}, ...words(state.question.prompt)))
    const told = { bars: state.counts, right: state.key, ideas: said.idea, few: said.few }
    parts.push(answers(state.options, told))
    if (share() && !state.advice) parts.push(make("p", { className: "share", textContent: share() }))
  }
  if (state.moves) parts.push(moves())
  if (state.exercise) {
    parts.push(make("h2", { textContent: said.exercise }), make("p", {}, ...words(state.exercise.task)))
    const flags = ["done", "stuck"].map((flag) => make("strong", { textContent: say(said[flag], state.flags) }))
    parts.push(make("p", { className: "row" }, ...flags))
  }
  const drawn = parts.map((part) => part.outerHTML).join("")
  if (place.dataset.drawn === drawn) return
  place.dataset.drawn = drawn
  place.replaceChildren(...parts)
}

function moves() {
  const rows = Object.entries(state.moves).map(([move, people]) =>
    make("tr", {}, make("th", { scope: "row", textContent: said[move] }), make("td", { className: "number", textContent: people })),
  )
  return make("table", { className: "moves" }, make("caption", { textContent: said.moves }), make("tbody", {}, ...rows))
}

function draw_lessons() {
  const place = find("#lessons")
  const wanted = JSON.stringify([state.lessons, state.lesson.number, state.phase === "lobby"])
  if (place.dataset.drawn !== wanted) {
    place.dataset.drawn = wanted
    place.replaceChildren(...state.lessons.map(lesson))
  }
  const taken = find("#taken")
  taken.hidden = state.taken.length === 0
  // The ones that the room got most wrong come first: they are worth another word at the end.
  const last = ({ shares }) => shares.twin ?? shares.second ?? shares.first
  const ordered = [...state.taken].sort((one, other) => last(one) - last(other))
  find("ul", taken).replaceChildren(...ordered.map(({ title, shares }) => make("li", { textContent: `${title}: ${shown(shares)}` })))
}

function shown(shares) {
  const percent = (share) => (share === undefined || share === null ? "–" : `${share} %`)
  return say(said.shares, { first: percent(shares.first), second: percent(shares.second), twin: percent(shares.twin) })
}

function lesson({ title, hour }, number) {
  const button = make("button", { textContent: title, title: hour ? said.hour : "" })
  const is_now = number + 1 === state.lesson.number && state.phase !== "lobby"
  if (is_now) button.setAttribute("aria-current", "step")
  button.addEventListener("click", () => act("lesson", number))
  return make("li", { className: hour ? "hour" : "" }, button)
}

function draw_links() {
  for (const [id, address] of Object.entries(state.links)) {
    const link = find(`#${id}-link`)
    link.href = address
    write(link, address.replace(/^https?:\/\//, ""))
  }
}
