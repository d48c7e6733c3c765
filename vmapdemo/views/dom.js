/** Elements, words and code: what the scripts of all drawn parts have in common. */

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties)
  node.append(...children.filter((child) => child !== null && child !== undefined))
  return node
}

/** Words between backticks become code. */
const words = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", { textContent: part }) : part))

const PYTHON = /("""[\s\S]*?"""|"[^"\n]*"|'[^'\n]*')|(#[^\n]*)|\b(def|return|for|in|if|else|elif|while|import|from|as|lambda|and|or|not|is|None|True|False|class|with|try|except|raise|yield|pass)\b|\b(\d[\d._e]*)\b/g
const KINDS = ["string", "comment", "keyword", "number"]

/** Python text as nodes, with its words marked by kind. */
function python(text) {
  const nodes = []
  let end = 0
  for (const found of text.matchAll(PYTHON)) {
    const kind = KINDS[found.slice(1).findIndex((group) => group !== undefined)]
    nodes.push(text.slice(end, found.index), make("span", { className: kind, textContent: found[0] }))
    end = found.index + found[0].length
  }
  return [...nodes, text.slice(end)]
}

/** Python text line by line: a line that is too long goes on below its own indentation. */
function codeLines(text) {
  return text.split("\n").map((line) => {
    const code = line.trimStart()
    const spaces = make("span", { className: "indent", textContent: line.slice(0, line.length - code.length) })
    const node = make("span", { className: "code-line" }, spaces, ...python(code), "\n")
    node.style.setProperty("--indent", `${line.length - code.length + 2}ch`)
    return node
  })
}

/** Set a property only where it changes, so that nothing is drawn or read aloud again for nothing. */
function put(node, name, value) {
  if (node[name] !== value) node[name] = value
}

/** The address of the whole page, or of another query of it, without what makes it a part of somebody else's page. */
function addressToShare(query) {
  const address = new URL(location.href)
  if (query !== null) address.search = query
  // Deleting writes the whole query anew, and longer: only where there is something to delete.
  for (const name of ["embed", "embed_options"]) if (address.searchParams.has(name)) address.searchParams.delete(name)
  return address.toString()
}
