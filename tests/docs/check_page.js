// Runs in a page: what a reader would stumble over, as a list of strings.
() => {
  const found = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1)
    found.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} > ${width}`);
  for (const image of document.images)
    if (image.loading !== "lazy" && (!image.complete || image.naturalWidth === 0)) found.push(`broken image ${image.src}`);

  const parse = (text) => {
    const numbers = (text.match(/[\d.]+/g) || []).map(Number);
    if (text.startsWith("color(srgb")) return [...numbers.slice(0, 3).map((v) => v * 255), numbers[3] ?? 1];
    return [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const backgrounds = new Map();
  const background = (element) => {
    if (element === null) return [255, 255, 255, 1];
    if (!backgrounds.has(element)) {
      const own = parse(getComputedStyle(element).backgroundColor);
      backgrounds.set(element, own[3] === 1 ? own : over(own, background(element.parentElement)));
    }
    return backgrounds.get(element);
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || seen.has(element) || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName)) continue;
    seen.add(element);
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest("[disabled], .visually-hidden, .skip-link, .headerlink, .copybtn")) continue;
    const svg = element.namespaceURI.endsWith("svg");
    const style = getComputedStyle(element);
    const behind = background(element);
    const color = over(parse(svg ? style.fill : style.color), behind);
    const [a, b] = [luminance(color), luminance(behind)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (contrast < (large ? 3 : 4.5))
      found.push(`contrast ${contrast.toFixed(2)} of "${text.slice(0, 30)}" (${element.tagName}.${element.className.baseVal ?? element.className})`);
  }
  return [...new Set(found)];
}
