// The projector: it shows what it is given, and can do nothing.

import { answers, code, find, follow, make, say, show, texts, words, write } from "./page.js"

const said = texts.screen
const room = document.body.dataset.code
document.title = say(said.title, { code: room })

follow(`${room}/screen/state`, {
  take: draw,
  always: true,
  refused: (status) => show(find("#trouble"), say(status === 404 ? said["no-room"] : said["no-answer"], { code: room })),
  silent: () => show(find("#trouble"), said["no-answer"]),
  back() {
    show(find("#trouble"), null)
    const qr = find("aside img")
    // It may not have come while the server was away.
    if (qr.naturalWidth === 0) qr.src = `${room}/qr.svg?${Date.now()}`
  },
})

function draw(state) {
  show(find("#trouble"), null)
  document.body.dataset.phase = state.phase
  const is_asked = state.question !== null
  write(find("#lesson"), ["lobby", "over"].includes(state.phase) ? "" : `${say(said.lesson, state.lesson)} · ${state.lesson.title}`)
  const [headline, prompt] = said.phases[state.phase]
  write(find("#phase h1"), headline)
  write(find("#phase .prompt"), prompt)
  const question = find("#question")
  question.hidden = !is_asked
  // Drawn anew only where it differs: nothing flickers on a wall.
  const shown = JSON.stringify([state.question, state.bars, state.right])
  if (question.dataset.shown !== shown) {
    question.replaceChildren(...(is_asked ? asked(state) : []))
    question.dataset.shown = shown
  }
  const more = [state.hint, state.why, state.exercise?.task].filter(Boolean)
  find("#more").replaceChildren(...more.map((text) => make("p", { className: "card" }, ...words(text))))
  write(find("#answered"), say(state.ballot ? said.answered : said.here, state))
  show(find("#rehearsal"), state.rehearsal ? said.rehearsal : null)
  find("#blank").hidden = !state.blank
  fit()
}

/** Nobody scrolls a wall: the type becomes smaller until all of it is seen. */
function fit() {
  const { style } = document.body
  for (let scale = 1; scale > 0.4; scale -= 0.04) {
    style.setProperty("--scale", scale)
    if (document.documentElement.scrollHeight <= innerHeight) return
  }
}
addEventListener("resize", fit)

function asked(state) {
  return [
    make("h2", {}, ...words(state.question.prompt)),
    code(state.question),
    answers(state.question.options, { bars: state.bars, right: state.right ?? null }),
  ]
}
