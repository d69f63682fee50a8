// What every part of the page knows: its language.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { sayIn } from "./words.ts";
import type { Say } from "./words.ts";

export const Words = createContext<Say>(sayIn("en"));
export const useSay = (): Say => useContext(Words);
