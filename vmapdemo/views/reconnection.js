/** Asks for a run when the connection is there again; nothing where Streamlit does not show how the connection is. */
export default function ({ parentElement, setTriggerValue }) {
  const app = document.querySelector('[data-testid="stApp"]')
  const watching = (parentElement.vmapdemo ??= {})
  watching.ask = () => setTriggerValue("reconnected", true)
  if (watching.observer || !app) return
  const isConnected = () => app.dataset.testConnectionState === "CONNECTED"
  let wasConnected = isConnected()
  watching.observer = new MutationObserver(() => {
    const isAgain = isConnected() && !wasConnected
    wasConnected = isConnected()
    if (isAgain) watching.ask()
  })
  watching.observer.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] })
}
