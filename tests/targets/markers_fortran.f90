! SPDX-License-Identifier: Apache-2.0
!
! A Fortran program that names its scopes itself.
program markers
  use sagemem
  implicit none
  integer :: forest
  real, allocatable :: halos(:)

  do forest = 1, 3
    call sagemem_scope_begin("forest ", int(forest, c_int64_t))
    call sagemem_note("nhalos", int(1000 * forest, c_int64_t))
    allocate(halos(1000 * forest))
    halos = 1.0
    if (sum(halos) < 1.0) stop 1
    deallocate(halos)
    call sagemem_scope_end()
  end do
  call sagemem_snapshot("the end")
end program markers
