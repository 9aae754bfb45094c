// Builds the nodes that Python describes. Text goes in by textContent alone; tags and attributes only from these lists.
const TAGS = new Set(["div", "span", "p", "ul", "li", "pre", "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "sup", "ins", "del", "button"])
const ROLES = new Set(["alert", "status", "list", "listitem", "progressbar", "img", "note", "log"])
const CLASS = /^[a-z][a-z0-9 -]*$/

// control characters are shown as signs: unseen they could hide or reorder what one reads
const visible = (text) =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (sign) => String.fromCharCode(0x2400 + sign.charCodeAt(0)))
    .replace(/[\u007f\u202a-\u202e\u2066-\u2069]/g, "\u2426")

function build(spec, pick) {
  if (typeof spec === "string") return document.createTextNode(visible(spec))
  const element = document.createElement(TAGS.has(spec.tag) ? spec.tag : "span")
  if (CLASS.test(spec.kind)) element.className = spec.kind
  if (spec.title) element.title = spec.title
  if (spec.label) element.setAttribute("aria-label", spec.label)
  if (ROLES.has(spec.role)) element.setAttribute("role", spec.role)
  if (Number.isInteger(spec.color)) element.style.setProperty("--series", `var(--series-${spec.color % 8})`)
  if (typeof spec.share === "number") element.style.width = `${Math.min(100, Math.max(0, spec.share * 100))}%`
  if (typeof spec.columns === "string" && /^[0-9a-z. ]+$/.test(spec.columns)) element.style.gridTemplateColumns = spec.columns
  if (Number.isInteger(spec.span) && "colSpan" in element) element.colSpan = spec.span
  if (spec.pick !== undefined) makePickable(element, spec, pick)
  tie(element, spec)
  for (const child of spec.in) element.append(build(child, pick))
  return element
}

function makePickable(element, spec, pick) {
  element.classList.add("pickable")
  element.tabIndex = 0
  if (element.tagName === "SPAN" || element.tagName === "DIV") element.setAttribute("role", "button")
  element.setAttribute("aria-pressed", spec.pressed ? "true" : "false")
  element.onclick = (event) => { event.stopPropagation(); pick(spec.pick) }
  element.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(spec.pick) }
  }
}

function copied(event, root) {
  // the small type names behind spans are labels, not text: they stay out of what one copies
  const selection = root.getSelection ? root.getSelection() : document.getSelection()
  if (!selection || selection.isCollapsed || !selection.rangeCount) return
  const part = selection.getRangeAt(0).cloneContents()
  part.querySelectorAll("sup").forEach((label) => label.remove())
  event.clipboardData.setData("text/plain", part.textContent)
  event.preventDefault()
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let root = parentElement.querySelector(".drawn")
  if (!root) {
    root = document.createElement("div")
    parentElement.append(root)
  }
  root.className = data.height ? "drawn scrolls" : "drawn"
  root.style.height = data.height ? `${data.height}px` : ""
  const shape = JSON.stringify(data.nodes)
  if (root.dataset.shape === shape) return
  root.dataset.shape = shape
  const focused = root.contains(parentElement.activeElement) ? [...root.querySelectorAll(".pickable")].indexOf(parentElement.activeElement) : -1
  const { scrollTop, scrollLeft, scrollHeight } = root
  const before = places(root)
  const pick = (value) => (data.once ? setTriggerValue("told", value) : setStateValue("picked", value))
  root.replaceChildren(...data.nodes.map((spec) => build(spec, pick)))
  // newest rows come in on top: at the top the eye follows them, further down what is read stays in place
  root.scrollTop = scrollTop > 4 ? scrollTop + (root.querySelector(".newest") ? root.scrollHeight - scrollHeight : 0) : 0
  root.scrollLeft = scrollLeft
  if (focused >= 0) root.querySelectorAll(".pickable")[focused]?.focus({ preventScroll: true })
  restore(root, before)
  connect(root)
  root.oncopy = (event) => copied(event, parentElement)
}
