# The page of reports as one file, GRAFT_WEB_PAGE: made of web/ by node, which scripts/setup fetches. GRAFT_WEB_BUNDLE=FILE (a CMake option, or in the
# environment) takes one that was made elsewhere of the same sources; its SHA-256 must be that of web/bundle.sha256. Where neither is there GRAFT_WEB_PAGE is empty, and
# graft is built without the page: with a warning, or by GRAFT_WEB_BUNDLE=none on purpose.
set(GRAFT_WEB_BUNDLE "$ENV{GRAFT_WEB_BUNDLE}" CACHE STRING "the page of reports, made elsewhere of the same sources by web/bundle.ts; empty: made here; none: without it")
set(web "${PROJECT_SOURCE_DIR}/web")
set(node "${GRAFT_DEPS}/node/bin/node")
if(GRAFT_WEB_BUNDLE STREQUAL "none")
  set(GRAFT_WEB_PAGE "")
elseif(GRAFT_WEB_BUNDLE)
  get_filename_component(GRAFT_WEB_PAGE "${GRAFT_WEB_BUNDLE}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
  if(NOT EXISTS "${GRAFT_WEB_PAGE}")
    message(FATAL_ERROR "GRAFT_WEB_BUNDLE: there is no file ${GRAFT_WEB_PAGE}; `node web/bundle.ts FILE` makes it where node 24 and npm are")
  endif()
  file(SHA256 "${GRAFT_WEB_PAGE}" bundle_sum)
  file(STRINGS "${web}/bundle.sha256" pinned_sum REGEX "^[0-9a-f]+$")
  if(NOT bundle_sum STREQUAL pinned_sum)
    message(FATAL_ERROR "GRAFT_WEB_BUNDLE: ${GRAFT_WEB_PAGE} has the SHA-256 ${bundle_sum}, expected ${pinned_sum} (web/bundle.sha256): it was made of other sources, "
      "or was changed since")
  endif()
elseif(NOT EXISTS "${node}" OR NOT EXISTS "${web}/node_modules/esbuild")
  set(GRAFT_WEB_PAGE "")
  message(WARNING "node or its packages are not here: graft will write no report.html; scripts/setup --web fetches them, -DGRAFT_WEB_BUNDLE=FILE takes a page that was made "
    "elsewhere (docs/report.md)")
else()
  set(GRAFT_WEB_PAGE "${PROJECT_BINARY_DIR}/report-page.html")
  file(GLOB web_sources CONFIGURE_DEPENDS "${web}/src/*" "${web}/bundle.ts" "${web}/package-lock.json")
  add_custom_command(OUTPUT "${GRAFT_WEB_PAGE}" COMMAND "${node}" "${web}/bundle.ts" "${GRAFT_WEB_PAGE}" DEPENDS ${web_sources} COMMENT "Bundling the page of reports" VERBATIM)
endif()
