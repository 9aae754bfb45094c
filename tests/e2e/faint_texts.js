// Every text on the page, also in shadow roots, whose contrast is under 4.5 (WCAG 2.1, 1.4.3); disabled controls are exempt.
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
  }
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1)
  const parent = (element) => element.assignedSlot || element.parentElement || element.getRootNode().host
  const ground = (element) => {
    const layers = []
    for (let at = element; at; at = parent(at)) layers.push(rgba(getComputedStyle(at).backgroundColor))
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1])
  }
  const light = (color) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const part = color[i] / 255
    return sum + weight * (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  }, 0)
  const faint = []
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot)
      if (element.closest("svg, canvas, style, script, [disabled], [aria-disabled=true], label:has(input:disabled)")) continue
      if (!element.checkVisibility({ opacityProperty: true })) continue
      const words = [...element.childNodes].filter((each) => each.nodeType === 3).map((each) => each.textContent.trim()).join(" ").trim()
      if (!words || element.getBoundingClientRect().width < 2) continue
      const under = ground(element)
      const [a, b] = [light(over(rgba(getComputedStyle(element).color), under)), light(under)].sort((x, y) => y - x)
      const ratio = (a + 0.05) / (b + 0.05)
      if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className}: ${words.slice(0, 40)}`)
    }
  }
  look(document.querySelector("[data-testid=stApp]"))
  return faint
}
