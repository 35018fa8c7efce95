/* SPDX-License-Identifier: MIT */
/* The floor, edge-triggered: a connection that was read is not asked again
 * before there is more. */
#include "bench/floor.h"

int main(int argc, char **argv)
{
    return serve_forever(argc, argv, EPOLLIN | EPOLLRDHUP | EPOLLET);
}
