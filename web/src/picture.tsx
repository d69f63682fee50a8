// One of graft's own SVG files in the page. It brings a style of its own, so it stands in a shadow root; there its words are said in the page's language.
import { useEffect, useRef } from "preact/hooks";
import { useSay } from "./context.ts";
import { inPicture } from "./words.ts";

interface Props {
  name: string;
  svg: string;
  label: string;
  /** Called with the picture once it is there. */
  prepare?: (picture: SVGSVGElement) => void;
}

/** Its cells come to life, so it is no longer one image. */
const kExtra = `
:host { display: block; }
svg { display: block; height: auto; }
:host([data-picture="curves"]) svg { max-width: 100%; }
.paper { fill: none; }
.title { display: none; }
.cell[tabindex] { cursor: pointer; outline: none; }
.cell[tabindex]:hover rect, .cell[tabindex]:focus-visible rect, .cell[aria-pressed="true"] rect { stroke: currentColor; stroke-width: 2.5; }
@media print { svg { max-width: 100%; } }
`;

export function Picture({ name, svg, label, prepare }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const say = useSay();
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    // The page's policy lets no style element in, not even into another document; a sheet that a program makes is let in.
    const parts = /^([^]*?)<style>([^]*?)<\/style>([^]*)$/.exec(svg);
    const parsed = new DOMParser().parseFromString(parts === null ? svg : `${parts[1]}${parts[3]}`, "image/svg+xml").documentElement;
    if (parsed.nodeName !== "svg") return;
    const style = new CSSStyleSheet();
    style.replaceSync(`${parts?.[2] ?? ""}${kExtra}`);
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    const picture = document.importNode(parsed, true) as unknown as SVGSVGElement;
    for (const text of picture.querySelectorAll("text")) text.textContent = inPicture(text.textContent ?? "", say);
    picture.removeAttribute("aria-labelledby");
    picture.setAttribute("aria-label", label);
    // The room of the title, which the page has said.
    const [, , width = 0, height = 0] = (picture.getAttribute("viewBox") ?? "").split(" ").map(Number);
    const cut = 34;
    picture.setAttribute("viewBox", `0 ${cut} ${width} ${height - cut}`);
    picture.setAttribute("height", String(height - cut));
    root.replaceChildren(picture);
    prepare?.(picture);
  }, [svg, label, say, prepare]);
  return <div class="picture" data-picture={name} ref={host} />;
}
