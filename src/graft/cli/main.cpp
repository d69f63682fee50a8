#include <exception>
#include <new>

#include "graft/base/error.h"
#include "graft/base/isa.h"
#include "graft/cli/command.h"

int main(int argc, char** argv) {
  using namespace graft;
  catch_interrupts();
  const std::vector<std::string> words(argv + 1, argv + argc);
  cli::fail_in_json(cli::asks_for_json(words));
  try {
    best_isa();  // so that a wrong GRAFT_CPU is an error of every command
    return cli::run_command(cli::program(), words);
  } catch (const Error& e) {
    return cli::fail(e);
  } catch (const Interrupted& e) {
    return cli::fail(e);
  } catch (const std::bad_alloc&) {
    return cli::fail_for_memory();
  } catch (const std::exception& e) {
    return cli::fail_unexpectedly(e);
  }
}
