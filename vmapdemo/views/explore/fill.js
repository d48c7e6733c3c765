/** Asks once, for each `data.token`, when the element comes into view or the visitor has paused. */
const PAUSE_MS = 4000

/** The token that was last asked with, by element: Streamlit calls again whenever it draws, also what is on its way out. */
const asked = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  if (asked.get(parentElement) === data.token) return
  const place = parentElement.querySelector("p")
  const ask = () => {
    stop()
    asked.set(parentElement, data.token)
    setTriggerValue("asked", data.token)
  }
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) ask()
  })
  const timer = setTimeout(ask, PAUSE_MS)
  const stop = () => {
    observer.disconnect()
    clearTimeout(timer)
  }
  observer.observe(place)
  return stop
}
