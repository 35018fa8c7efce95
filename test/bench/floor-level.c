/* SPDX-License-Identifier: MIT */
/* The floor, level-triggered: epoll as it is by default. */
#include "bench/floor.h"

int main(int argc, char **argv)
{
    return serve_forever(argc, argv, EPOLLIN);
}
