/** Asks once, for each `data.token`, when the element comes into view or the visitor has paused. */
const PAUSE_MS = 4000

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector("p")
  const ask = () => {
    stop()
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
